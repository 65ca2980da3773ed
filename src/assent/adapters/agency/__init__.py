"""An agency on a disk: its folder, its machines' keys, its documents and log.

folder -> AgencyFolder; document store and log -> LogRecords
"""

from assent.adapters.agency.folder import (
    IN_DATABASE,
    IN_FOLDER,
    AgencyFolder,
    finish_agency_folder,
    open_agency_folder,
    open_prepared_folder,
    prepare_agency_folder,
    publishing_alone,
)
from assent.adapters.agency.owner import bind_docket, verify_owner
from assent.adapters.agency.records import LogRecords
from assent.adapters.agency.service_keys import (
    ServiceSigner,
    read_service_keys,
    write_service_keys,
)

__all__ = [
    "IN_DATABASE",
    "IN_FOLDER",
    "AgencyFolder",
    "LogRecords",
    "ServiceSigner",
    "bind_docket",
    "finish_agency_folder",
    "open_agency_folder",
    "open_prepared_folder",
    "prepare_agency_folder",
    "publishing_alone",
    "read_service_keys",
    "verify_owner",
    "write_service_keys",
]
