"""A wire that can be cut."""

import socket
import threading


class Proxy:
    def __init__(self, port=None):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.target = port
        self.connections, self.refuses = set(), False
        self.flows = threading.Event()
        self.flows.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def break_off(self):
        """Connections break, and there are no new ones."""
        self.refuses = True
        for connection in list(self.connections):
            self._close(connection)

    def hang(self):
        """Nothing comes through, and nobody is told."""
        self.flows.clear()

    def mend(self):
        self.refuses = False
        self.flows.set()

    def _accept(self):
        while True:
            client, _ = self.listener.accept()
            if self.refuses:
                client.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                client.close()
                continue
            for pair in ((client, server), (server, client)):
                self.connections.add(pair[0])
                threading.Thread(target=self._pump, args=pair, daemon=True).start()

    def _pump(self, source, sink):
        try:
            while data := source.recv(65536):
                self.flows.wait()
                sink.sendall(data)
        except OSError:
            pass
        self._close(source)
        self._close(sink)

    def _close(self, connection):
        self.connections.discard(connection)
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        connection.close()
