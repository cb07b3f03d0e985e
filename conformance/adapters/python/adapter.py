#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lets the conformance runner speak to a verifier that prints JSON reports.

Usage: adapter.py VERIFIER [ARGUMENT...]    such as: adapter.py ./permit-verify
"""

import json
import subprocess
import sys

VERIFIER = sys.argv[1:]


class Unsupported(Exception):
    """The verifier has no command for what is asked."""


def report(*arguments):
    """Runs the verifier; gives the JSON that it prints. Status 0 and 1 are answers, all else is none,
    but for a trust root that is refused: it resolves no key, and the JSON says so."""
    done = subprocess.run([*VERIFIER, *arguments], capture_output=True, check=False)
    refused = done.returncode == 2 and b'"error_kind": "trust_root_refused"' in done.stdout
    if done.returncode not in (0, 1) and not refused:
        raise RuntimeError(f"status {done.returncode}: {done.stderr.decode(errors='replace').strip()}")
    return json.loads(done.stdout)


def trust(request):
    flags = ["--key-manifest", request["trust_root"]] if request.get("trust_root") else ["--self-attested"]
    return flags + (["--test-mode"] if request["test_mode"] else [])


def verify_bundle(request):
    files, checks = request["files"], request.get("checks", [])
    if "export" not in files:
        return verify_checkpoint(request)
    flags = [flag for check, flag in (("walk_events", "--walk-events"), ("verify_closure", "--verify-closure"))
             if check in checks]
    if "dispatched_request" in files:
        flags += ["--dispatched-request", files["dispatched_request"]]
    said = report("export", files["export"], files["manifest"], "--json", *trust(request), *flags)
    answer = answer_of(said, files["export"])
    if "checkpoint" in files and "sidecar" not in files:
        answer = both(answer, verify_checkpoint(request))
    return answer


def verify_checkpoint(request):
    files = request["files"]
    flags = ["--tsa-ca-bundle", files["tsa_ca_bundle"]] if "tsa_ca_bundle" in files else []
    answer = answer_of(report("checkpoint", files["checkpoint"], "--json", *trust(request), *flags), None)
    answer["evidence_inspected"]["checkpoints"] = max(1, answer["evidence_inspected"]["checkpoints"])
    return answer


def claim(request):
    files = request["files"]
    if "pack" in files:
        said = report("claim", "permit_chain", "--pack-file", files["pack"], "--json")
    elif request.get("claim") == "delegation_denied_correctly" and "evidence" in files:
        event = ["--event-id", request["event_id"]] if request.get("event_id") else []
        said = report("claim", request["claim"], "--evidence-file", files["evidence"], *event, "--json")
    else:
        raise Unsupported(f"no command for the claim {request.get('claim')}")
    status, code = said["status"], said.get("failure_code") or said.get("reason_code")
    names = {"delegation_denied_correctly": "permit_chain.delegation_denied_correctly.v1"}
    result = {"claim_type": said["claim_type"], "status": status}
    for name in ("failure_code", "revocation_status"):
        if said.get(name):
            result[name] = said[name]
    return {
        "result": "PASS" if status == "supported" else "FAIL",
        "failure_codes": [code] if code and status != "supported" else [],
        "claims": [{"name": names.get(said["claim_type"], said["claim_type"]), "verdict": status}],
        "claim_result": result,
    }


def canonicalize(request):
    roles = request.get("documents", [])
    paths = {role: request["files"][role] for role in roles}
    profile = request.get("profile", "payload")
    digests = report("digest", "--json", "--profile", profile, *paths.values())["digests"]
    return {"result": "PASS", "output": {role: digests[path] for role, path in paths.items()}}


OPERATIONS = {
    "verify-bundle": verify_bundle,
    "verify-checkpoint": verify_checkpoint,
    "claim": claim,
    "canonicalize": canonicalize,
}


def answer_of(said, export):
    """Puts a report into the words of the protocol."""
    codes, reasons = [], []
    failures = [f for f in said.get("findings", []) if f["severity"] == "failure"]
    causes = [f for f in failures if f.get("because_of") is None]
    if not said["ok"]:
        for claim_said in said["claims"]:
            if claim_said["verdict"] != "supported":
                reasons.append(claim_said["reason_code"])
                codes.append(claim_said.get("failure_code") or claim_said["reason_code"])
        for finding in causes:
            reasons.append(finding["reason_class"])
            codes.append(finding["code"] or finding["reason_class"])
    seen = said.get("evidence_inspected", {})
    answer = {
        "result": "PASS" if said["ok"] else "FAIL",
        "failure_codes": list(dict.fromkeys(codes)),
        "reason_classes": list(dict.fromkeys(reasons)),
        "evidence_inspected": {name: seen.get(name, 0)
                               for name in ("permits", "chain_entries", "closure_records", "checkpoints")},
        "claims": [{"name": c["name"], "verdict": c["verdict"]} for c in said["claims"]],
    }
    place = place_of((causes or failures)[0], export) if failures and not said["ok"] else None
    if place:
        answer["first_failure_at"] = place
    return answer


def place_of(finding, export):
    """Where a finding is: the artifact decides, and inside an export the layer that its code is about."""
    details, code = finding.get("details", {}), finding["code"] or ""
    if finding["artifact"] in ("manifest", "checkpoint"):
        return {"type": finding["artifact"]}
    if code.startswith("WALK_CLOSURE") or code == "WALK_UNKNOWN_CLOSURE_FORMAT":
        return {"type": "closure_record", "id": details.get("permit_id", "")}
    if "PERMIT" in code:
        return {"type": "permit", "id": details.get("permit_id", "")}
    if not code.startswith("WALK_"):
        return None
    here = json.load(open(export, encoding="utf-8"))
    entry = {}
    for step in finding["pointer"].split("/")[1:]:
        here = here[int(step)] if isinstance(here, list) else here.get(step)
        if isinstance(here, dict) and "sequence_number" in here:
            entry = here
        if not isinstance(here, (dict, list)):
            break
    return {"type": "chain_entry", "sequence": entry.get("sequence_number")}


def both(one, other):
    """The answers to two questions as one: it passes if both pass."""
    seen = other["evidence_inspected"]
    return {
        **one,
        "result": "PASS" if one["result"] == other["result"] == "PASS" else "FAIL",
        "failure_codes": one["failure_codes"] + other["failure_codes"],
        "reason_classes": one["reason_classes"] + other["reason_classes"],
        "evidence_inspected": {name: count + seen[name] for name, count in one["evidence_inspected"].items()},
        "claims": one["claims"] + other["claims"],
    }


def hello():
    version = subprocess.run([*VERIFIER, "--version"], capture_output=True, check=True).stdout.decode().split()[-1]
    return {"protocol": 1, "implementation": {
        "name": "permit-verify through Python", "version": version, "language": "Python",
        "ops": list(OPERATIONS), "features": ["*"],
    }}


def main():
    for line in sys.stdin:
        request = json.loads(line)
        if request["cmd"] == "stop":
            break
        if request["cmd"] == "start":
            answer = hello()
        else:
            answer = {"seq": request["seq"]}
            try:
                answer.update(OPERATIONS[request["op"]](request))
            except Unsupported as reason:
                answer["skipped"] = {"reason": str(reason)}
            except Exception as error:  # whatever goes wrong is no verdict
                answer["errored"] = {"message": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
