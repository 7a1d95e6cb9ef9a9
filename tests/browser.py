"""A browser for tests: Debian's chromium through chromedriver, spoken to in the WebDriver protocol with the standard library alone."""
import base64
import contextlib
import json
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request

CHROMIUM_FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
]


def is_there():
    return bool(shutil.which("chromium") and shutil.which("chromedriver"))


class Browser:
    """One session. Everything that fails raises."""

    def __init__(self, base):
        self.base = base
        self.profile = tempfile.mkdtemp(prefix="ullage-chromium-")
        options = {"args": CHROMIUM_FLAGS + [f"--user-data-dir={self.profile}"], "binary": shutil.which("chromium")}
        wanted = {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        self.session = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]

    def ask(self, method, path, body=None):
        data = json.dumps(body or {}).encode() if method == "POST" else None
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{path}: {error.read().decode()[:500]}") from error

    def tell(self, path, body=None, method="POST"):
        return self.ask(method, f"/session/{self.session}{path}", body)

    def open(self, url):
        self.tell("/url", {"url": url})

    def run(self, script, *arguments):
        return self.tell("/execute/sync", {"script": script, "args": list(arguments)})

    def run_async(self, script, *arguments):
        """The script's last argument is a function to call with the result."""
        return self.tell("/execute/async", {"script": script, "args": list(arguments)})

    def devtools(self, command, **parameters):
        return self.tell("/goog/cdp/execute", {"cmd": command, "params": parameters})

    def size(self, width, height):
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def scheme(self, scheme="light", media=""):
        self.devtools("Emulation.setEmulatedMedia", media=media, features=[{"name": "prefers-color-scheme", "value": scheme}])

    def find(self, selector):
        found = self.tell("/element", {"using": "css selector", "value": selector})
        return next(iter(found.values()))

    def click(self, selector):
        self.tell(f"/element/{self.find(selector)}/click")

    def type(self, selector, text):
        self.tell(f"/element/{self.find(selector)}/value", {"text": text})

    def press(self, *keys):
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.tell("/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def log(self):
        """What the console was told since the last call."""
        return self.tell("/se/log", {"type": "browser"})

    def picture(self, path, whole=False):
        shot = self.devtools("Page.captureScreenshot", captureBeyondViewport=whole, **self.whole_page(whole))
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))

    def whole_page(self, whole):
        if not whole:
            return {}
        width, height = self.run("const r = document.documentElement; return [r.scrollWidth, r.scrollHeight]")
        return {"clip": {"x": 0, "y": 0, "width": width, "height": min(height, 6000), "scale": 1}}

    def pdf(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.devtools("Page.printToPDF", printBackground=True)["data"]))

    def close(self):
        self.tell("", method="DELETE")
        shutil.rmtree(self.profile, ignore_errors=True)


@contextlib.contextmanager
def browser():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    driver = subprocess.Popen(["chromedriver", f"--port={port}", "--log-level=OFF"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        base = f"http://127.0.0.1:{port}"
        for attempt in range(200):
            try:
                urllib.request.urlopen(base + "/status", timeout=5).close()
                break
            except OSError:
                if attempt == 199:
                    raise
                time.sleep(0.05)
        page = Browser(base)
        try:
            yield page
        finally:
            page.close()
    finally:
        driver.terminate()
        driver.wait()
