"""Cures for what the stock libraries do wrong, each with the symptom that was measured.

    websocket.py   frames: size of a whole message, binary, flood, unmasking, yielding
    line.py        one browser's Engine.IO session: bounded queue, contained errors, goodbye, cut
    engine.py      puts lines and the door under Flask-SocketIO; refuses packets that the page never sends
    door.py        who may come in: handshakes per address, deadline for joining
    bucket.py      so many per second
    headers.py     no compression per client

`strictjson.py` and `config.py` (origins) beside this folder are the other two. Nothing here names the WebSocket
server: its class is handed over by `server/__main__.py`.
"""
