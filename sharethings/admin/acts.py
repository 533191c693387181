"""Acts: what the operator may ask for, one frozen value each."""

from __future__ import annotations

from typing import Literal

import msgspec

Sort = Literal["created", "activity", "bytes", "contents", "members"]
Filter = Literal["all", "live", "empty", "unfinished", "damaged"]


class Sessions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="sessions"):
    """List the sessions, those with most of what is sorted by first."""

    sort: Sort = "activity"
    filter: Filter = "all"


class Show(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="show"):
    """Show one session and its contents; `session` is its id or the beginning of it."""

    session: str


class Stats(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="stats"):
    """Sum up what is stored, and how the disk is."""


class Verify(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="verify"):
    """Compare rows and files, with `deep` their bytes too; with `mark` tell members of damage."""

    deep: bool = False
    mark: bool = False


class Backup(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="backup"):
    """Back up everything as a new folder, given by its absolute path."""

    directory: str


class Cleanup(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="cleanup"):
    """Take sessions away, or with `incomplete` only their unfinished uploads.

    Chosen are all, or one, or those without activity for `older_than_seconds`; of uploads those
    without a chunk for so long, else for 10 minutes. `unreferenced`: rows and files that belong
    to nothing. Unless `confirmed`, it is only listed.
    """

    older_than_seconds: int | None = None
    session: str | None = None
    incomplete: bool = False
    unreferenced: bool = False
    all: bool = False
    confirmed: bool = False


class Doctor(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="doctor"):
    """Look for what will hurt; with `url` also at what users meet at that address.

    `ca_file` is the absolute path of certificates to trust there (PEM).
    """

    url: str | None = None
    ca_file: str | None = None


Act = Sessions | Show | Stats | Verify | Backup | Cleanup | Doctor
