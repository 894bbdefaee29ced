"""An HTTP proxy before one server that does wrong on demand."""
import http.client
import http.server
import socket
import threading

ERROR = b"<?xml version='1.0'?><Error><Code>%s</Code><Message>injected</Message></Error>"


class FaultProxy:
    """`fail(when, what)` makes the next request for which when(method, path) holds go wrong, once:

    500, 503 ...   answered with the status, and not passed on
    "hang"         passed nowhere and never answered
    "cut request"  half of the body is passed on, then both connections are cut
    "cut answer"   passed on, and half of the answer's body given back
    "lose answer"  passed on, and the connection is cut in place of an answer
    """

    def __init__(self, port):
        self.upstream = port
        self.faults = []
        self.seen = []  # (method, path, fault or None)
        self.lock = threading.Lock()
        self.over = threading.Event()
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self):
                try:
                    super().handle_one_request()
                except OSError:
                    self.close_connection = True

            def log_message(self, *_):
                pass

            def do_any(self):
                proxy.relay(self)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_any

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.over.set()
        self.server.shutdown()
        self.server.server_close()

    def fail(self, when, what):
        with self.lock:
            self.faults.append((when, what))

    def take_fault(self, method, path):
        with self.lock:
            fault = next((f for f in self.faults if f[0](method, path)), None)
            if fault:
                self.faults.remove(fault)
            self.seen.append((method, path, fault[1] if fault else None))
            return fault[1] if fault else None

    def cut(self, handler):
        handler.close_connection = True
        handler.connection.shutdown(socket.SHUT_RDWR)

    def relay(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        fault = self.take_fault(handler.command, handler.path)
        if isinstance(fault, int):
            answer = ERROR % (b"SlowDown" if fault == 503 else b"InternalError")
            handler.send_response(fault)
            handler.send_header("Content-Length", str(len(answer)))
            handler.end_headers()
            handler.wfile.write(answer if handler.command != "HEAD" else b"")
            return
        if fault == "hang":
            self.over.wait(300)
            return self.cut(handler)
        upstream = http.client.HTTPConnection("127.0.0.1", self.upstream, timeout=120)
        upstream.putrequest(handler.command, handler.path, skip_host=True, skip_accept_encoding=True)
        for name, value in handler.headers.items():
            upstream.putheader(name, value)
        upstream.endheaders()
        upstream.send(body[:len(body) // 2] if fault == "cut request" else body)
        if fault == "cut request":
            upstream.close()
            return self.cut(handler)
        answer = upstream.getresponse()
        content = answer.read()
        upstream.close()
        if fault == "lose answer":
            return self.cut(handler)
        handler.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                handler.send_header(name, value)
        length = answer.getheader("Content-Length") if handler.command == "HEAD" else str(len(content))
        handler.send_header("Content-Length", length or "0")
        handler.end_headers()
        handler.wfile.write(content[:len(content) // 2] if fault == "cut answer" else content)
        if fault == "cut answer":
            handler.wfile.flush()
            return self.cut(handler)
