"""Reads Hemolift's live feed, hemolift.v1 (see live-feed.md), and prints a line of JSON for each row of a drone.

    python3 live-feed.py http://127.0.0.1:8080 TOKEN [LINES]
"""
import base64, json, os, socket, ssl, struct, sys
from urllib.parse import urlsplit

COLUMNS = [("lon", "i"), ("lat", "i"), ("eta", "i"), ("to_go", "I"), ("index", "H"), ("age", "H"), ("height", "h"), ("speed", "H"),
           ("track", "H"), ("climb", "h"), ("battery", "H"), ("need", "H"), ("off", "H"), ("behind", "H"), ("dbm", "b"),
           ("off_height", "b"), ("outside", "B"), ("bits", "B")]
PHASES = ["", "parked", "airborne", "holding", "returning", "landed", "landing"]
LINKS = ["", "live", "late", "lost"]


def connect(url, token):
    to = urlsplit(url)
    line = socket.create_connection((to.hostname, to.port or (443 if to.scheme == "https" else 80)), 30)
    if to.scheme == "https":
        line = ssl.create_default_context().wrap_socket(line, server_hostname=to.hostname)
    key = base64.b64encode(os.urandom(16)).decode()
    line.sendall((f"GET /api/v1/live HTTP/1.1\r\nHost: {to.netloc}\r\nAuthorization: Bearer {token}\r\nConnection: Upgrade\r\n"
                  f"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
                  "Sec-WebSocket-Protocol: hemolift.v1\r\n\r\n").encode())
    coming = line.makefile("rb")
    status = coming.readline().decode().strip()
    if " 101 " not in status:
        sys.exit("refused: " + status)
    while coming.readline().strip():
        pass
    return line, coming


def messages(line, coming):
    while head := coming.read(2):
        length = head[1] & 127
        if length > 125:
            form, size = (">H", 2) if length == 126 else (">Q", 8)
            (length,) = struct.unpack(form, coming.read(size))
        body = coming.read(length)
        if head[0] & 15 == 2:
            yield body
        elif head[0] & 15 == 9:  # a ping wants a pong, masked by zeros
            line.sendall(bytes([0x8A, 0x80 | len(body), 0, 0, 0, 0]) + body)


def drones(frame, names):
    _, _, _, count, sequence, base = struct.unpack_from("<BBHIQq", frame)
    row, at = {}, 24
    for name, form in COLUMNS:
        row[name] = struct.unpack_from(f"<{count}{form}", frame, at)
        at += count * struct.calcsize("<" + form)
    for i in range(count):
        bits = row["bits"][i]
        yield {"drone": names[row["index"][i]], "sequence": sequence, "at_ms": base // 1000 - 100 * row["age"][i], "located": bits & 32 > 0,
               "lon": row["lon"][i] / 1e7, "lat": row["lat"][i] / 1e7, "height_m": row["height"][i] / 10, "battery_pct": row["battery"][i] / 100,
               "phase": PHASES[bits & 7], "link": LINKS[bits >> 3 & 3]}


line, coming = connect(sys.argv[1], sys.argv[2])
left = int(sys.argv[3]) if len(sys.argv) > 3 else -1
names = []
for frame in messages(line, coming):
    _, kind, flags = struct.unpack_from("<BBH", frame)
    if kind == 5:
        names = json.loads(frame[24:])["drones"]
    elif kind in (1, 2) and not flags & 1:
        for row in drones(frame, names):
            print(json.dumps(row), flush=True)
            left -= 1
            if left == 0:
                sys.exit()
