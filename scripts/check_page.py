#!/usr/bin/env python3
"""Opens a built page in headless Chromium and uses it as a reader would.

    check_page.py PAGE PLAN [--axe axe.min.js] [--pictures DIR]

PAGE is a sweep's `report.html`, PLAN its `plan.json`; the sweep has settings `model.loss` and `train.*.lr`, seeds, grids
and evaluations, as `made_up_sweep.py` makes them. Needs the packages of `requirements/report.txt` and a Chromium of the
system (`CHROMIUM` names it). Exits with 1 and a line for each thing that is not as it should be.
"""

import argparse
import json
import os
import pathlib
import shutil
import sys

from playwright.sync_api import Page, sync_playwright

BROWSERS = ["chromium", "chromium-browser", "google-chrome"]
LOAD_MS = 1000
problems = []


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=pathlib.Path)
    parser.add_argument("plan", type=pathlib.Path)
    parser.add_argument("--axe", type=pathlib.Path)
    parser.add_argument("--pictures", type=pathlib.Path)
    arguments = parser.parse_args()
    plan = json.loads(arguments.plan.read_text())
    executable = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        url = arguments.page.resolve().as_uri()
        load = 0
        for name, width, scheme in [("light", 1280, "light"), ("dark", 1280, "dark"), ("phone", 390, "light")]:
            context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, accept_downloads=True)
            page = context.new_page()
            watch(page, name, url)
            page.goto(url)
            page.wait_for_selector("#plot canvas")
            page.wait_for_timeout(400)
            load = max(load, page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"))
            same(f"{name}: pixels too wide", page.evaluate("document.documentElement.scrollWidth - innerWidth"), 0)
            if arguments.pictures:
                arguments.pictures.mkdir(parents=True, exist_ok=True)
                page.screenshot(path=arguments.pictures / f"{name}.png", full_page=True)
            if name == "light":
                use(page, plan)
            if arguments.axe:
                accessible(page, name, arguments.axe.read_text())
            context.close()
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(url)
        without_script(page, plan)
        context.close()
        browser.close()
    for problem in problems:
        print(f"problem: {problem}", file=sys.stderr)
    if problems:
        return 1
    size = arguments.page.stat().st_size / 1e6
    print(f"{len(plan['runs'])} runs, {size:.1f} MB, loaded in {load:.0f} ms: as it should be")
    return 0


def same(what: str, found, wanted) -> None:
    if found != wanted:
        problems.append(f"{what}: {found!r} instead of {wanted!r}")


def holds(what: str, truth) -> None:
    if not truth:
        problems.append(what)


def watch(page: Page, name: str, url: str) -> None:
    page.on("console", lambda line: line.type in ("error", "warning") and problems.append(f"{name}: console: {line.text}"))
    page.on("pageerror", lambda error: problems.append(f"{name}: {error}"))
    page.on("dialog", lambda dialog: (problems.append(f"{name}: a dialog: {dialog.message}"), dialog.dismiss()))

    def asked(request):
        if request.url != url and not request.url.startswith(("data:", "blob:")):
            problems.append(f"{name}: asked for {request.url}")

    page.on("request", asked)


def visible(page: Page) -> list:
    return page.evaluate("[...document.querySelectorAll('#table tbody tr')].filter(r => !r.hidden).map(r => Number(r.dataset.run))")


def filtered(page: Page, text: str) -> list:
    page.fill("#filter", text)
    page.wait_for_timeout(250)
    return visible(page)


def use(page: Page, plan: dict) -> None:
    runs = plan["runs"]
    first = min(run["seed"] for run in runs)

    def where(holds) -> list:
        return [at for at, run in enumerate(runs) if holds(run["overrides"]["model.loss"], run["overrides"]["train.*.lr"], run["seed"])]

    # Filter.
    same("rows", len(visible(page)), len(runs))
    same("filter: a word", filtered(page, "hinge-"), where(lambda loss, rate, seed: loss.startswith("hinge")))
    same("filter: words and numbers", filtered(page, f"hinge- lr<1e-3 seed={first + 1}"), where(lambda loss, rate, seed: loss.startswith("hinge") and rate < 1e-3 and seed == first + 1))
    same("filter: without", filtered(page, f"-hinge- -seed>={first + 1}"), where(lambda loss, rate, seed: not loss.startswith("hinge") and seed == first))
    same("filter: either", filtered(page, f"hinge-|wasserstein- seed!={first}"), where(lambda loss, rate, seed: loss.startswith(("hinge", "wass")) and seed != first))
    same("filter: nothing is smaller", filtered(page, "fid<0"), [])
    filtered(page, "nonsense<1")
    holds("filter: an unknown column is reported", "nonsense" in page.inner_text("#matches"))
    same("filter: cleared", len(filtered(page, "")), len(runs))

    # Sort.
    header = page.locator("#table th[data-key='frechet'] button")
    header.click()
    same("sort: announced", page.get_attribute("#table th[data-key='frechet']", "aria-sort"), "ascending")
    values = page.evaluate("[...document.querySelectorAll('#table tbody tr')].map(r => parseFloat(r.children[6].textContent)).filter(v => !isNaN(v))")
    column = page.evaluate("document.querySelector('#table th[data-key=frechet]').cellIndex")
    values = page.evaluate("at => [...document.querySelectorAll('#table tbody tr')].map(r => parseFloat(r.children[at].textContent)).filter(v => !isNaN(v))", column)
    holds("sort: values grow", len(values) > 3 and values == sorted(values))
    header.click()
    same("sort: turned", page.get_attribute("#table th[data-key='frechet']", "aria-sort"), "descending")

    # Baseline, columns, CSV.
    page.hover("#table tr[data-run='0']")
    page.click("#table tr[data-run='0'] .pin")
    holds("baseline: differing cells are marked", page.locator("#table td.differs").count() > 0)
    holds("baseline: differences are shown", page.locator("#table .delta").count() > 0)
    page.click("#table tr[data-run='0'] .pin")
    same("baseline: taken back", page.locator("#table td.differs").count(), 0)
    page.uncheck("#differing")
    holds("columns: all of them", page.locator("#table th[data-key='train.batch_size']").is_visible())
    page.check("#differing")
    with page.expect_download() as download:
        page.click("#csv")
    lines = pathlib.Path(download.value.path()).read_text().splitlines()
    same("CSV: lines", len(lines), len(runs) + 1)
    holds("CSV: header", lines[0].startswith("id,status,seed,model.loss,train.*.lr,frechet"))
    same("CSV: seeds", sorted(line.split(",")[2] for line in lines[1:]), sorted(str(run["seed"]) for run in runs))

    # Curves.
    canvas = "document.querySelector('#plot canvas').toDataURL()"
    before = page.evaluate(canvas)
    page.click("#tags [data-tag='4']")
    page.wait_for_timeout(200)
    holds("curves: another measurement", page.evaluate(canvas) != before)
    for control in ("#along [data-along='images']", "#along [data-along='minutes']", "#logarithmic", "#plot-none", "#plot-all"):
        before = page.evaluate(canvas)
        page.click(control)
        page.wait_for_timeout(200)
        holds(f"curves: {control} changes them", page.evaluate(canvas) != before)
    page.focus("#plot")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    holds("curves: arrows read values", page.locator("#tip").is_visible() and "inute" in page.inner_text("#tip"))
    page.keyboard.press("Tab")

    # Samples.
    holds("samples: a picture", page.locator(".tile img").count() > 0)
    source = page.get_attribute(".tile img", "src")
    page.focus("#step")
    page.keyboard.press("Home")
    page.wait_for_timeout(100)
    holds("samples: the slider changes them", page.get_attribute(".tile img", "src") != source)
    same("samples: the slider is announced", page.get_attribute("#step", "aria-valuetext"), "step 0")
    holds("samples: real ones beside them", page.locator(".of-data img").count() == 1)
    source = page.get_attribute(".tile img", "src")
    for kind in ("interpolation", "neighbours"):
        page.select_option("#shown", kind)
        holds(f"samples: {kind}", page.get_attribute(".tile img", "src") != source and page.locator("#step").is_disabled())
        holds(f"samples: {kind} of a run that diverged", page.locator(".tile.missing").count() > 0)
    page.select_option("#shown", "samples")
    same("samples: again", page.get_attribute(".tile img", "src"), source)
    if page.evaluate("JSON.parse(document.querySelector('#data').textContent).media.includes('audio/wav')"):
        page.wait_for_function("[...document.querySelectorAll('.tile audio')].every((sound) => sound.duration > 0.2)")
        holds("samples: a sound with its pictures beside it", page.locator(".tile").first.locator("img").count() == 2 and page.locator(".tile audio").first.is_visible())
    page.locator(".tile .open").first.click()
    holds("samples: two runs beside each other", page.locator("#compare").is_visible() and page.get_attribute("#media-a img", "src") != page.get_attribute("#media-b img", "src"))
    page.click("#compare-flip")
    holds("samples: flipped", not page.locator("#media-a").is_visible() and page.locator("#media-b").is_visible())
    page.keyboard.press("Escape")
    holds("samples: closed", not page.locator("#compare").is_visible())

    # Settings.
    grip = page.locator("#parallel .grip").last
    grip.scroll_into_view_if_needed()
    box = grip.bounding_box()
    middle = box["x"] + box["width"] / 2
    page.mouse.move(middle, box["y"] + box["height"] - 2)
    page.mouse.down()
    page.mouse.move(middle, box["y"] + box["height"] * 0.6, steps=4)
    page.mouse.up()
    page.wait_for_timeout(200)
    holds("settings: a brush takes runs out", 0 < len(visible(page)) < len(runs))
    page.click("#clear-brushes")
    page.wait_for_timeout(200)
    same("settings: cleared", len(visible(page)), len(runs))
    same("settings: a heat map", page.locator("#effect table.heat").count(), 1)
    same("settings: importance of both and the seed", page.locator("#importance .factor").count(), 3)

    # Balance.
    holds("balance: charts of both networks", page.locator("#balance-plots canvas").count() >= 3)
    holds("balance: outlines of logits", page.locator("#balance-plots path.outline").count() >= 4)
    holds("balance: where the time went", "discriminator" in page.inner_text("#balance-plots .whole .counts"))

    # Theme, one run.
    grounds = set()
    for _ in range(3):
        page.click("#theme")
        grounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    same("theme: light and dark", len(grounds), 2)
    page.locator("#table tr[data-run='1'] .id").click()
    holds("one run: its settings", f"seed: {runs[1]['seed']}" in page.inner_text("#run-config"))


def accessible(page: Page, name: str, axe: str) -> None:
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    for violation in found["violations"]:
        if violation["impact"] in ("serious", "critical"):
            node = violation["nodes"][0]
            problems.append(f"{name}: {violation['id']}: {violation['help']}: {node['html'][:160]} ({len(violation['nodes'])} times)")


def without_script(page: Page, plan: dict) -> None:
    same("no script: rows", page.locator("#table tbody tr:visible").count(), len(plan["runs"]))
    holds("no script: values", "done" in page.inner_text("#table"))
    same("no script: controls that would do nothing", page.locator("#filter:visible, #theme:visible, #plot:visible").count(), 0)


if __name__ == "__main__":
    sys.exit(main())
