"""Play the bank for payment files, over HTTP as a client would; run with the peers.

Arguments: a folder for the bank's messages, then the payment files, sent in turn.
On the standard input, as JSON: the bank's ``clock``, its ``accounts``, and the
``days`` to which it then moves on. Printed: the answer to each file, and the names of
the messages in the order in which the bank sent them.
"""

import json
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

from mockbank.server import Config, make_server


def main(out: Path, files: list[Path]) -> None:
    """Send the files, move the clock, keep what the bank sends."""
    scenario = json.load(sys.stdin)
    server = make_server(Config(port=0, quiet=True, clock=scenario["clock"]))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = Client(server.server_port)
    for account in scenario["accounts"]:
        client.call("/_mock/accounts", json.dumps(account).encode())
    answers = [client.call("/payments", file.read_bytes()) for file in files]
    names = collect(client, out, [])
    for day in scenario["days"]:
        client.call(f"/_mock/advance?to={day}", b"")
        names = collect(client, out, names)
    json.dump({"answers": answers, "messages": names}, sys.stdout)
    server.shutdown()


class Client:
    """Speaks to the bank's port."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}"

    def call(self, path: str, body: bytes | None = None) -> object:
        """Return what the bank answers; a refused payment file is an answer too."""
        request = urllib.request.Request(self._base + path, data=body)  # noqa: S310 - our own port
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own port
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if path != "/payments":
                raise RuntimeError(error.read().decode()) from error
            return json.load(error)


def collect(client: Client, out: Path, names: list[str]) -> list[str]:
    """Write the messages that wait; return all names so far."""
    for message in client.call("/_mock/mailbox"):
        names = [*names, f"{len(names):03}-{message['type']}.xml"]
        (out / names[-1]).write_text(message["body"], encoding="utf-8")
    return names


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
