from assent.apps.meter import Meter as Meter
from assent.apps.meter import meter as meter
from assent.apps.meter.huggingface import MeterCallback as MeterCallback
from assent.apps.meter.lightning import MeterLightningCallback as MeterLightningCallback

__version__: str
