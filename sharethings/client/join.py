"""Entering a session over a fresh connection: challenge, keys, proof (protocol.md 4)."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import msgspec

from sharethings.client.errors import ServerRefusedError, TermsRefusedError
from sharethings.client.keys import Terms
from sharethings.client.pages import PAGE_SECONDS
from sharethings.crypto.errors import CryptoError, LimitError
from sharethings.protocol import replies, requests
from sharethings.protocol.errors import SessionNotFoundError
from sharethings.protocol.ids import decode_bytes, encode_bytes

if TYPE_CHECKING:
    from sharethings.client.control import Control
    from sharethings.client.keys import SessionKeys


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the creator of a session asks of its policy (replies.Policy); None: nothing."""

    idle_seconds: int | None = None
    contents_max: int | None = None
    drops_oldest: bool | None = None

    def given(self) -> dict[str, int]:
        """Give what was asked, by the names of the policy."""
        return {name: wish for name, wish in asdict(self).items() if wish is not None}

    def unmet(self, policy: replies.Policy) -> set[str]:
        """Give the names of what a policy does not grant."""
        return {name for name, wish in self.given().items() if getattr(policy, name) != wish}


NO_WISHES = Wishes()


async def enter(
    control: Control, keys: SessionKeys, *, since: int | None, create: Wishes | None = None
) -> replies.Joined:
    """Join as a new member; with `create` make the session like that when there is none.

    `since` is the last revision seen. Raises SessionNotFoundError, WrongPassphraseError,
    ServerRefusedError, TermsRefusedError, PassphraseChangedError, and what a request raises.
    """
    nonce, hello = await _hello(control, keys)
    if not hello.exists:
        if create is None:
            raise SessionNotFoundError
        creation = await asyncio.to_thread(keys.create)
        creation = msgspec.structs.replace(creation, **create.given())
        await control.request(creation, replies.Created)
        nonce, hello = await _hello(control, keys)
    try:
        await asyncio.to_thread(keys.derive, Terms.of(hello))
    except LimitError as error:
        raise TermsRefusedError from error
    except (CryptoError, ValueError) as error:
        raise ServerRefusedError(
            f"The server asks for a key derivation that is not allowed: {error}"
        ) from error
    server_nonce = decode_bytes(hello.server_nonce)
    proof = keys.prove(nonce, server_nonce)
    member_id = secrets.token_hex(16)
    request = requests.SessionJoin(
        session_id=keys.session_id, proof=encode_bytes(proof), member_id=member_id, since=since
    )
    joined = await control.request(request, replies.Joined, PAGE_SECONDS)
    keys.enter(joined, member_id, nonce, server_nonce, proof)
    return joined


async def _hello(control: Control, keys: SessionKeys) -> tuple[bytes, replies.Hello]:
    nonce = secrets.token_bytes(32)
    request = requests.SessionHello(session_id=keys.session_id, client_nonce=encode_bytes(nonce))
    return nonce, await control.request(request, replies.Hello)
