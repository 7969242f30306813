"""Answer the requests of a small shop; every response depends on the request alone.

A token contains its user and a signature. So the server keeps no sessions, and any number of
users may log in at once.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import hmac
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from aiohttp import WSMsgType, web

SECRET = "demo-secret"
PASSWORD = "demo-password"
PAGE_SIZE = 10

Endpoint = Callable[[web.BaseRequest, str], Awaitable[web.StreamResponse]]


class Refused(Exception):
    """The shop refuses a request; the client gets status and message as JSON."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


async def answer(request: web.BaseRequest) -> web.StreamResponse:
    """Answer one request. Its path is read as `/name/rest`; a slash at the end is ignored."""
    name, rest = _split(request.path)
    endpoint = _ENDPOINTS.get((request.method, name)) or _ENDPOINTS.get(("*", name))
    if endpoint is None:
        return _json({"code": 404, "message": f"no {request.method} {request.path}"}, 404)
    try:
        return await endpoint(request, rest)
    except Refused as error:
        return _json({"code": error.status, "message": str(error)}, error.status)


def _split(path: str) -> tuple[str, str]:
    first, _, rest = path.strip("/").partition("/")
    if first == "api":
        second, _, rest = rest.partition("/")
        first = f"api/{second}"
    return first, rest


def sign(method: str, path: str, token: str) -> str:
    """Return the signature that the header X-Signature of a request must have."""
    return _digest(f"{method} {path.rstrip('/')} {token}")


def _is_same(one: str, other: str) -> bool:
    return hmac.compare_digest(_raw(one), _raw(other))


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _digest(text: str) -> str:
    return hmac.new(SECRET.encode(), _raw(text), hashlib.sha256).hexdigest()


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(
        body=orjson.dumps(value), status=status, content_type="application/json", charset="utf-8"
    )


def _fine(data: Any) -> web.Response:
    return _json({"code": 0, "data": data})


async def _home(request: web.BaseRequest, rest: str) -> web.Response:
    return _json({"code": 0, "message": "welcome"})


async def _login(request: web.BaseRequest, rest: str) -> web.Response:
    form = await _read_map(request)
    user = form.get("user")
    if not isinstance(user, str) or not user.isidentifier() or form.get("password") != PASSWORD:
        raise Refused(401, "wrong user or password")
    token = f"{user}.{_digest(user)[:32]}"
    response = _fine({"token": token, "user": user})
    response.set_cookie("sid", token.partition(".")[2], httponly=True)
    return response


async def _read_map(request: web.BaseRequest) -> dict[str, Any]:
    try:
        value = orjson.loads(await request.content.read())
    except orjson.JSONDecodeError:
        raise Refused(400, "the body is not JSON") from None
    if not isinstance(value, dict):
        raise Refused(400, "the body is not a JSON object")
    return value


def _user(request: web.BaseRequest) -> str:
    token = request.headers.get("X-Token", "")
    user, _, proof = token.partition(".")
    if not _is_same(proof, _digest(user)[:32]):
        raise Refused(401, "log in first")
    return user


def _signed_user(request: web.BaseRequest) -> str:
    user = _user(request)
    right = sign(request.method, request.path, request.headers["X-Token"])
    if not _is_same(request.headers.get("X-Signature", ""), right):
        raise Refused(403, "wrong signature")
    return user


async def _profile(request: web.BaseRequest, rest: str) -> web.Response:
    user = _signed_user(request)
    return _fine({"user": user, "email": f"{user}@example.com", "level": len(user)})


async def _items(request: web.BaseRequest, rest: str) -> web.Response:
    if rest:
        return _fine(_item(_number(rest)))
    page = _number(request.query.get("page", "1"))
    first = (page - 1) * PAGE_SIZE + 1
    return _fine({"page": page, "items": [_item(n) for n in range(first, first + PAGE_SIZE)]})


def _item(number: int) -> dict[str, Any]:
    """Return an item; its price is in cents."""
    return {"id": number, "name": f"item {number}", "price": number * 125}


def _number(text: str) -> int:
    if not text.isdecimal() or not 0 < len(text) < 10:
        raise Refused(404, f"no such number: {text}")
    return int(text)


async def _cart(request: web.BaseRequest, rest: str) -> web.Response:
    user = _user(request)
    form = await _read_map(request)
    item, quantity = form.get("item"), form.get("quantity", 1)
    if not isinstance(item, int) or not isinstance(quantity, int):
        raise Refused(400, "item and quantity are integers")
    total = _item(item)["price"] * quantity
    return _fine({"cart": f"cart-{user}-{item}", "total": total})


async def _orders(request: web.BaseRequest, rest: str) -> web.Response:
    user = _signed_user(request)
    cart = (await _read_map(request)).get("cart")
    if not isinstance(cart, str) or not cart.startswith(f"cart-{user}-"):
        raise Refused(400, "not your cart")
    return _json({"code": 0, "data": {"order": _digest(cart)[:16], "state": "paid"}}, 201)


async def _status(request: web.BaseRequest, rest: str) -> web.Response:
    code = _number(rest)
    if not 200 <= code <= 599:
        raise Refused(404, "a status is 200 to 599")
    return web.Response(status=code) if code in (204, 304) else _json({"code": code}, code)


async def _delay(request: web.BaseRequest, rest: str) -> web.Response:
    try:
        seconds = float(rest)
    except ValueError:
        raise Refused(404, "not a number of seconds") from None
    await asyncio.sleep(seconds)
    return _fine({"seconds": seconds})


async def _echo(request: web.BaseRequest, rest: str) -> web.Response:
    body = await request.content.read()
    seen = {
        "method": request.method,
        "path": request.path,
        "query": {name: request.query.getall(name) for name in request.query},
        "headers": {str(name): _header(request, name) for name in request.headers},
        "cookies": dict(request.cookies),
        "body": body.decode("utf-8", "replace"),
    }
    return _json(seen)


def _header(request: web.BaseRequest, name: str) -> str:
    return _raw(", ".join(request.headers.getall(name))).decode("utf-8", "replace")


async def _redirect(request: web.BaseRequest, rest: str) -> web.Response:
    left = _number(rest)
    if left == 0:
        return _fine({"arrived": True})
    return web.Response(status=302, headers={"Location": f"/redirect/{left - 1}"})


_PACKED = gzip.compress(orjson.dumps({"code": 0, "data": {"text": "packed " * 100}}), mtime=0)


async def _gzip(request: web.BaseRequest, rest: str) -> web.Response:
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    return web.Response(body=_PACKED, headers=headers)


async def _websocket(request: web.BaseRequest, rest: str) -> web.StreamResponse:
    socket = web.WebSocketResponse()
    if not socket.can_prepare(request).ok:
        raise Refused(400, "not a websocket upgrade")
    await socket.prepare(request)
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            await socket.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await socket.send_bytes(message.data)
    return socket


_ENDPOINTS: dict[tuple[str, str], Endpoint] = {
    ("GET", ""): _home,
    ("POST", "api/login"): _login,
    ("GET", "api/profile"): _profile,
    ("GET", "api/items"): _items,
    ("POST", "api/cart"): _cart,
    ("POST", "api/orders"): _orders,
    ("*", "status"): _status,
    ("*", "delay"): _delay,
    ("*", "echo"): _echo,
    ("GET", "redirect"): _redirect,
    ("GET", "gzip"): _gzip,
    ("GET", "ws"): _websocket,
}
