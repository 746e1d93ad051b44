"""Files that are reached by an address, through fsspec: in buckets, on web servers, over SFTP."""

from anyscribe.places.addresses import Address, check_address, path_of, read_address, shown, without_secrets
from anyscribe.places.file_system import FileSystem
from anyscribe.places.file_systems import FileSystems
from anyscribe.places.remote_file import FileState, Location, RemoteFile

__all__ = [
    "Address",
    "FileState",
    "FileSystem",
    "FileSystems",
    "Location",
    "RemoteFile",
    "check_address",
    "path_of",
    "read_address",
    "shown",
    "without_secrets",
]
