"""Pages of the project, opened in a browser."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = ("no-sandbox", "disable-gpu", "disable-background-networking", "disable-component-update", "disable-sync")


@contextmanager
def chromium() -> Iterator[Browser]:
    """The Chromium of this machine; where there is none, the test is skipped."""
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed, so the page is not opened")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[f"--{flag}" for flag in QUIET])
        yield browser
        browser.close()


def opened(browser: Browser, file: Path, troubles: list[str], **options: Any) -> Page:  # noqa: ANN401
    """Open a page and wait until its charts are drawn.

    Args:
        browser: which.
        file: the page.
        troubles: where what the console says, and every address that the page asks for, is added.
        options: of the window, as Playwright names them.
    """
    page = browser.new_page(**options)
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda request: None if request.url == file.as_uri() else troubles.append(request.url))
    page.goto(file.as_uri())
    page.wait_for_selector("html[data-drawn=yes]", timeout=60_000)
    return page
