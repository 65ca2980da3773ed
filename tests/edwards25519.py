"""The curve of Ed25519 by its definition, to judge vectors without any library.

bytes -> point, or None; public key + signature + message -> does the equation hold?

Written from RFC 8032, section 5.1, in affine coordinates: slow, short, easy to check.
"""

from hashlib import sha512

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, PRIME) % PRIME
SQRT_OF_MINUS_ONE = pow(2, (PRIME - 1) // 4, PRIME)
Point = tuple[int, int]
NEUTRAL: Point = (0, 1)


def is_on_curve(point: Point) -> bool:
    x, y = point
    return (y * y - x * x - 1 - D * x * x * y * y) % PRIME == 0


def add(left: Point, right: Point) -> Point:
    (x1, y1), (x2, y2) = left, right
    product = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, PRIME)
    y = (y1 * y2 + x1 * x2) * pow(1 - product, -1, PRIME)
    return x % PRIME, y % PRIME


def negate(point: Point) -> Point:
    return -point[0] % PRIME, point[1]


def times(factor: int, point: Point) -> Point:
    result = NEUTRAL
    while factor:
        if factor & 1:
            result = add(result, point)
        point = add(point, point)
        factor >>= 1
    return result


def square_root(value: int) -> int | None:
    root = pow(value, (PRIME + 3) // 8, PRIME)
    for candidate in (root, root * SQRT_OF_MINUS_ONE % PRIME):
        if (candidate * candidate - value) % PRIME == 0:
            return candidate
    return None


def encode(point: Point) -> bytes:
    x, y = point
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decode(data: bytes) -> Point | None:
    """Return the point, of non-canonical encodings too; None if it is on no curve."""
    value = int.from_bytes(data, "little")
    sign, y = value >> 255, (value & ((1 << 255) - 1)) % PRIME
    x = square_root((y * y - 1) * pow(D * y * y + 1, -1, PRIME) % PRIME)
    if x is None:
        return None
    return (-x % PRIME if x & 1 != sign else x), y


BASE = decode((4 * pow(5, -1, PRIME) % PRIME).to_bytes(32, "little")) or NEUTRAL


def does_equation_hold(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether [S]B - [k]A is R, byte for byte: no multiplying by the cofactor."""
    a, s = decode(public_key), int.from_bytes(signature[32:], "little")
    if a is None or s >= ORDER:
        return False
    hashed = sha512(signature[:32] + public_key + message).digest()
    k = int.from_bytes(hashed, "little") % ORDER
    return encode(add(times(s, BASE), times(k, negate(a)))) == signature[:32]
