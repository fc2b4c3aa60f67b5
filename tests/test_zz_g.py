import time, json
from conftest import *
from practising import *
import pytest, collections

KINDS = {
    "status 500": {"kind": "status", "status": 500},
    "status 429": {"kind": "status", "status": 429, "retry_after": 0.2},
    "slow": {"kind": "slow", "latency_ms": 20},
    "timeout": {"kind": "timeout"},
    "drop_after_write": {"kind": "drop_after_write"},
    "ghost_success": {"kind": "ghost_success"},
    "garbage": {"kind": "garbage"},
    "expired_token": {"kind": "expired_token"},
    "empty_list": {"kind": "empty_list"},
    "partial_page": {"kind": "partial_page"},
}
OUT = open("/tmp/g_out.txt", "a")


@pytest.mark.parametrize("rate", [1.0, 0.1])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("plat", ["facebook", "wordpress", "youtube", "orlo"])
def test_x(practice, plat, kind, rate, monkeypatch):
    monkeypatch.setattr("adapters._http.BACKOFF", 0.01)
    monkeypatch.setattr("adapters._http.UNTOLD", 0.05)
    t0 = time.time()
    conn = {"wordpress": "website"}.get(plat, plat)
    p = practice("large", accounts=2, posts=24, platform=plat)
    p.drop(*[c for c in PLATFORMS if c != conn and c != "orlo"])
    if plat == "orlo":
        orlo_by_http(p)
    else:
        p.drop("orlo")
    setting(p, conn, "timeout = 0.3")
    p.ready()
    f = dict(KINDS[kind])
    k = f.pop("kind")
    p.fault(plat, k, rate=rate, **f)
    t1 = time.time()
    s = p.json("sync")
    t2 = time.time()
    r = p.json("declare", "menai-bridge", "--yes")
    t3 = time.time()
    if "gaps" not in r:
        print("!!", r, file=OUT, flush=True)
    st = collections.Counter((x["hold"]["state"]) for x in r["posts"])
    truthful = [x for x in p.posts()]
    still = [x for x in truthful if x["state"] == "scheduled" and x["publish_at"] < "2022-09-19T23"]
    p.mend()
    r2 = p.json("declare", "menai-bridge", "--yes")
    t4 = time.time()
    print(
        plat,
        kind,
        rate,
        "sync",
        s["exit"],
        "declare",
        r["exit"],
        dict(st),
        "truly still",
        len(still),
        "gaps",
        [g["reason"][:90] for g in r["gaps"]][:3],
        "| rerun",
        r2["exit"],
        r2["counts"],
        f"{t1 - t0:.1f} {t2 - t1:.1f} {t3 - t2:.1f} {t4 - t3:.1f}",
        file=OUT,
        flush=True,
    )
