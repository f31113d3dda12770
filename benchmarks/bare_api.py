"""A FastAPI route that sends the bytes of a file, on uvicorn as it comes: what a server can't be faster than.

    python benchmarks/bare_api.py FILE

It writes its port, then serves until it is ended.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from fastapi.responses import Response

BODY = Path(sys.argv[1]).read_bytes()
app = FastAPI(openapi_url=None)


@app.get("/api/v1/certificates")
async def page() -> Response:
    return Response(BODY, media_type="application/json")


listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
listener.bind(("127.0.0.1", 0))
listener.listen(128)
print(listener.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run([listener])
