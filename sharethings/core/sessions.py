"""Sessions: hello, create, join, leave, events (protocol.md 4 and 7)."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import structlog

from sharethings.core import verifier
from sharethings.core.throttle import CreationThrottle, JoinThrottle
from sharethings.core.views import view_member, view_page, view_policy
from sharethings.protocol import replies, requests
from sharethings.protocol.announcements import EventSent, MemberJoined, MemberLeft
from sharethings.protocol.errors import (
    BusyError,
    InvalidRequestError,
    IterationsRefusedError,
    NotJoinedError,
    ProtocolError,
    ReadOnlyError,
    StorageFullError,
    SuiteUnknownError,
    WrongPassphraseError,
)
from sharethings.protocol.ids import decode_bytes, encode_bytes
from sharethings.protocol.limits import KDF_ITERATIONS_DEFAULT, KDF_ITERATIONS_MAX, SUITE
from sharethings.records import Changes, Member, Session
from sharethings.storage import listing_rows, session_rows

if TYPE_CHECKING:
    from sharethings.config import Settings
    from sharethings.core.announce import Announce
    from sharethings.core.clock import Clock
    from sharethings.core.presence import Presence, Present
    from sharethings.core.tokens import Tokens
    from sharethings.storage.database import Connection, Database

log = structlog.get_logger(__name__)
CHALLENGE_SECONDS = 60.0
FIRST_PAGE_COUNT = 100
RETRY_ENDED_SECONDS = 1
EVENT_HEADER_BYTES = 28
KIND_KEPT_EVENT = 0x21
KIND_PASSING_EVENT = 0x20


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a hello leaves with its connection; serves one join within 60 s."""

    session_id: str
    client_nonce: bytes
    server_nonce: bytes
    ends_at: float


@dataclass(frozen=True, slots=True)
class Guest:
    """Who has proven the passphrase and is not in yet; `sig` is the server's own proof."""

    member: Member
    session: Session
    sig: bytes


class Sessions:
    """What can be done with a session as a whole."""

    def __init__(
        self,
        database: Database,
        presence: Presence,
        tokens: Tokens,
        announce: Announce,
        settings: Settings,
        clock: Clock,
    ) -> None:
        """Take the parts that it works with."""
        self._database = database
        self._presence = presence
        self._tokens = tokens
        self._announce = announce
        self._settings = settings
        self._clock = clock
        self._joins = JoinThrottle(settings, clock)
        self._creations = CreationThrottle(settings, clock)

    async def hello(self, request: requests.SessionHello) -> tuple[Challenge, replies.Hello]:
        """Open a challenge; the reply tells what a key derivation needs."""
        challenge = Challenge(
            request.session_id,
            decode_bytes(request.client_nonce),
            secrets.token_bytes(32),
            self._clock.monotonic() + CHALLENGE_SECONDS,
        )
        session = self._database.find(
            lambda connection: session_rows.get_session(connection, request.session_id)
        )
        server_nonce = encode_bytes(challenge.server_nonce)
        if session is None:
            return challenge, replies.Hello(exists=False, server_nonce=server_nonce)
        return challenge, replies.Hello(
            exists=True,
            server_nonce=server_nonce,
            suite=session.suite,
            salt=encode_bytes(session.salt),
            iterations=session.iterations,
            fingerprint_iv=encode_bytes(session.fingerprint_iv),
        )

    async def create(self, request: requests.SessionCreate, address: str) -> replies.Created:
        """Insert a session. Raises for suite, iterations, or too many creations.

        BusyError while the rows of an earlier session of this name are being taken away.
        """
        if request.suite != SUITE:
            raise SuiteUnknownError
        if not KDF_ITERATIONS_DEFAULT <= request.iterations <= KDF_ITERATIONS_MAX:
            raise IterationsRefusedError
        stored = self._database.find(
            lambda connection: session_rows.find_session(connection, request.session_id)
        )
        if stored is not None:
            if stored.ended_at is not None:
                raise BusyError(
                    "The session of this name has ended and is being taken away.",
                    retry_after_seconds=RETRY_ENDED_SECONDS,
                )
            return replies.Created(created=False)
        await self._creations.hit(address)
        session = self._new_session(request)
        created = await self._database.write(
            lambda connection: session_rows.insert_session(connection, session)
        )
        if created:
            log.info("session_created", session=request.session_id[:8], address=address)
        return replies.Created(created=created)

    def _new_session(self, request: requests.SessionCreate) -> Session:
        now = self._clock.now_ms()
        idle_seconds = self._idle_seconds(request)
        return Session(
            session_id=request.session_id,
            suite=request.suite,
            salt=decode_bytes(request.salt),
            iterations=request.iterations,
            fingerprint_iv=decode_bytes(request.fingerprint_iv),
            fingerprint_data=decode_bytes(request.fingerprint_data),
            server_key=decode_bytes(request.server_key),
            key_box=decode_bytes(request.key_box),
            epoch=1,
            owner_hash=decode_bytes(request.owner_hash),
            created_at=now,
            last_activity=now,
            revision=0,
            reset_revision=0,
            content_count=0,
            reserved_bytes=0,
            idle_seconds=idle_seconds,
            contents_max=request.contents_max,
            drops_oldest=request.drops_oldest,
            deduplicates=request.deduplicates,
            expires_at=now + idle_seconds * 1000 if idle_seconds else None,
        )

    def _idle_seconds(self, request: requests.SessionCreate) -> int:
        """Give how long the session stays after its last activity: what was asked, capped."""
        wanted = request.idle_seconds
        if wanted is None:
            wanted = self._settings.session_idle_seconds
        cap = self._settings.session_idle_max_seconds
        return min(wanted or cap, cap) if cap else wanted

    async def prove(
        self, request: requests.SessionJoin, challenge: Challenge | None, address: str
    ) -> Guest:
        """Check the proof of the passphrase; `enter` then lets the guest in.

        Raises WrongPassphraseError for an unknown session too, after the same work;
        ThrottledError after too many failures; InvalidRequestError without a challenge.
        """
        now = self._clock.monotonic()
        if (
            challenge is None
            or challenge.session_id != request.session_id
            or challenge.ends_at <= now
        ):
            raise InvalidRequestError("Say session:hello for this session first.")
        await self._joins.admit(address, request.session_id)
        session = self._database.find(
            lambda connection: session_rows.get_session(connection, request.session_id)
        )
        sig = self._check_proof(session, challenge, decode_bytes(request.proof))
        if session is None or sig is None:
            await self._joins.failed(request.session_id)
            log.warning("wrong_passphrase", session=request.session_id[:8], address=address)
            raise WrongPassphraseError
        self._joins.succeeded(address, request.session_id)
        member = Member(session.session_id, request.member_id, self._clock.now_ms(), address)
        return Guest(member, session, sig)

    async def enter(self, guest: Guest, since: int | None) -> replies.Joined:
        """Let a guest in and tell the others; the reply's page misses nothing told since."""
        present = self._presence.enter(guest.member)
        token = self._tokens.mint(guest.member)
        try:
            page = await self._enter(present, since)
        except BaseException:
            self._presence.leave(guest.member)
            self._tokens.revoke(token)
            raise
        return replies.Joined(
            sig=encode_bytes(guest.sig),
            token=token,
            epoch=guest.session.epoch,
            key_box=encode_bytes(guest.session.key_box),
            created_at=guest.session.created_at,
            policy=view_policy(guest.session),
            page=page,
        )

    @staticmethod
    def _check_proof(session: Session | None, challenge: Challenge, proof: bytes) -> bytes | None:
        stored = bytes(32) if session is None else session.fingerprint_data
        server_key = bytes(32) if session is None else session.server_key
        place = bytes.fromhex(challenge.session_id)
        nonces = (challenge.client_nonce, challenge.server_nonce)
        good = verifier.verify_proof(stored, place, *nonces, proof)
        sig = verifier.sign(server_key, place, *nonces, proof)
        return sig if good and session is not None else None

    async def _enter(self, present: Present, since: int | None) -> replies.Page:
        member = present.member
        await self._tell(member, partial(MemberJoined, member=view_member(present)))
        page = await self.list_contents(member, since=since)
        if not self._presence.is_here(member):
            raise NotJoinedError  # the session has ended meanwhile
        return page

    async def _tell(
        self, member: Member, change: partial[MemberJoined] | partial[MemberLeft]
    ) -> None:
        """Announce who comes or goes; where nothing can be written only listings tell it."""
        session_id, now = member.session_id, self._clock.now_ms()
        with suppress(ReadOnlyError, StorageFullError):
            revision = await self._database.write(
                lambda connection: session_rows.bump(connection, session_id, now), frees=True
            )
            await self._announce(session_id, change(revision=revision))

    async def list_contents(
        self,
        member: Member,
        *,
        since: int | None = None,
        before: int | None = None,
        limit: int = FIRST_PAGE_COUNT,
    ) -> replies.Page:
        """Give what changed after `since`, or the page before `before` (replies.Page)."""

        def look(connection: Connection) -> Changes:
            session = session_rows.the_session(connection, member.session_id)
            if since is None:
                return listing_rows.page_before(connection, session, before, limit)
            return listing_rows.changes_since(connection, session, since, limit)

        changes = await self._database.read(look)
        here = self._presence.members(member.session_id)
        return view_page(changes, here, by_revision=since is not None)

    async def leave(self, member: Member) -> None:
        """Let the member out and tell the others; does nothing when they are out already."""
        if not self._presence.leave(member):
            return
        with suppress(ProtocolError):  # the session is gone, or the disk busy
            await self._tell(member, partial(MemberLeft, member_id=member.member_id))

    async def send_event(self, member: Member, request: requests.EventSend) -> replies.Done:
        """Relay a sealed event to the others. Raises InvalidRequestError for a foreign one."""
        sealed = decode_bytes(request.sealed)
        kind = sealed[3] if len(sealed) > EVENT_HEADER_BYTES else 0
        if sealed[:3] != b"ST\x01" or kind not in {KIND_KEPT_EVENT, KIND_PASSING_EVENT}:
            raise InvalidRequestError("sealed: not a sealed event of protocol v1.")
        if sealed[4:20] != bytes.fromhex(member.member_id):
            raise InvalidRequestError("sealed: the event is another member's.")
        if (kind == KIND_KEPT_EVENT) != (request.sort is not None):
            raise InvalidRequestError("sort: goes with events of kind 0x21, and only with them.")
        if request.sort is not None:
            self._presence.keep(member, request.sort, sealed)
        await self._announce(
            member.session_id,
            EventSent(member_id=member.member_id, sealed=request.sealed),
            skip=member.member_id,
        )
        return replies.Done()
