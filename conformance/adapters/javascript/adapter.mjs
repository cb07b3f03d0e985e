#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Lets the conformance runner speak to a verifier that prints JSON reports.
//
// Usage: adapter.mjs VERIFIER [ARGUMENT...]    such as: adapter.mjs ./permit-verify

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const [verifier, ...always] = process.argv.slice(2);

/** The verifier has no command for what is asked. */
class Unsupported extends Error {}

function run(...given) {
  const done = spawnSync(verifier, [...always, ...given], { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  if (done.error) throw done.error;
  return done;
}

/**
 * Runs the verifier; gives the JSON that it prints. Status 0 and 1 are answers, all else is none,
 * but for a trust root that is refused: it resolves no key, and the JSON says so.
 */
function report(...given) {
  const done = run(...given);
  const refused = done.status === 2 && done.stdout.includes('"error_kind": "trust_root_refused"');
  if (done.status !== 0 && done.status !== 1 && !refused) throw new Error(`status ${done.status}: ${done.stderr.trim()}`);
  return JSON.parse(done.stdout);
}

function trust(request) {
  const flags = request.trust_root ? ["--key-manifest", request.trust_root] : ["--self-attested"];
  return request.test_mode ? [...flags, "--test-mode"] : flags;
}

function verifyBundle(request) {
  const { files, checks = [] } = request;
  if (!files.export) return verifyCheckpoint(request);
  const flags = [];
  if (checks.includes("walk_events")) flags.push("--walk-events");
  if (checks.includes("verify_closure")) flags.push("--verify-closure");
  if (files.dispatched_request) flags.push("--dispatched-request", files.dispatched_request);
  const said = report("export", files.export, files.manifest, "--json", ...trust(request), ...flags);
  const answer = answerOf(said, files.export);
  return files.checkpoint && !files.sidecar ? both(answer, verifyCheckpoint(request)) : answer;
}

function verifyCheckpoint(request) {
  const { files } = request;
  const flags = files.tsa_ca_bundle ? ["--tsa-ca-bundle", files.tsa_ca_bundle] : [];
  const answer = answerOf(report("checkpoint", files.checkpoint, "--json", ...trust(request), ...flags));
  const seen = answer.evidence_inspected;
  seen.checkpoints = Math.max(1, seen.checkpoints);
  return answer;
}

function claim(request) {
  const { files } = request;
  let said;
  if (files.pack) {
    said = report("claim", "permit_chain", "--pack-file", files.pack, "--json");
  } else if (request.claim === "delegation_denied_correctly" && files.evidence) {
    const event = request.event_id ? ["--event-id", request.event_id] : [];
    said = report("claim", request.claim, "--evidence-file", files.evidence, ...event, "--json");
  } else {
    throw new Unsupported(`no command for the claim ${request.claim}`);
  }
  const { status, claim_type } = said;
  const code = said.failure_code ?? said.reason_code;
  const name = claim_type === "delegation_denied_correctly" ? `permit_chain.${claim_type}.v1` : claim_type;
  const result = { claim_type, status };
  for (const member of ["failure_code", "revocation_status"]) if (said[member]) result[member] = said[member];
  return {
    result: status === "supported" ? "PASS" : "FAIL",
    failure_codes: code && status !== "supported" ? [code] : [],
    claims: [{ name, verdict: status }],
    claim_result: result,
  };
}

function canonicalize(request) {
  const roles = request.documents ?? [];
  const paths = roles.map((role) => request.files[role]);
  const { digests } = report("digest", "--json", "--profile", request.profile ?? "payload", ...paths);
  return { result: "PASS", output: Object.fromEntries(roles.map((role, at) => [role, digests[paths[at]]])) };
}

const OPERATIONS = {
  "verify-bundle": verifyBundle,
  "verify-checkpoint": verifyCheckpoint,
  claim,
  canonicalize,
};

/** Puts a report into the words of the protocol. */
function answerOf(said, exportFile) {
  const failures = (said.findings ?? []).filter((finding) => finding.severity === "failure");
  const causes = failures.filter((finding) => finding.because_of == null);
  const told = [];
  if (!said.ok) {
    for (const one of said.claims) {
      if (one.verdict !== "supported") told.push([one.failure_code ?? one.reason_code, one.reason_code]);
    }
    for (const one of causes) told.push([one.code ?? one.reason_class, one.reason_class]);
  }
  const seen = said.evidence_inspected ?? {};
  const counts = ["permits", "chain_entries", "closure_records", "checkpoints"];
  const answer = {
    result: said.ok ? "PASS" : "FAIL",
    failure_codes: [...new Set(told.map(([code]) => code))],
    reason_classes: [...new Set(told.map(([, reason]) => reason))],
    evidence_inspected: Object.fromEntries(counts.map((name) => [name, seen[name] ?? 0])),
    claims: said.claims.map(({ name, verdict }) => ({ name, verdict })),
  };
  const first = causes[0] ?? failures[0];
  const place = first && !said.ok ? placeOf(first, exportFile) : undefined;
  return place ? { ...answer, first_failure_at: place } : answer;
}

/** Where a finding is: the artifact decides, and inside an export the layer that its code is about. */
function placeOf(finding, exportFile) {
  const code = finding.code ?? "";
  const id = finding.details?.permit_id ?? "";
  if (["manifest", "checkpoint"].includes(finding.artifact)) return { type: finding.artifact };
  if (code.startsWith("WALK_CLOSURE") || code === "WALK_UNKNOWN_CLOSURE_FORMAT") return { type: "closure_record", id };
  if (code.includes("PERMIT")) return { type: "permit", id };
  if (!code.startsWith("WALK_")) return undefined;
  let here = JSON.parse(readFileSync(exportFile, "utf8"));
  let entry = {};
  for (const step of finding.pointer.split("/").slice(1)) {
    here = here?.[step];
    if (here === null || typeof here !== "object") break;
    if ("sequence_number" in here) entry = here;
  }
  return { type: "chain_entry", sequence: entry.sequence_number };
}

/** The answers to two questions as one: it passes if both pass. */
function both(one, other) {
  const seen = Object.entries(one.evidence_inspected).map(([name, count]) => [name, count + other.evidence_inspected[name]]);
  return {
    ...one,
    result: one.result === "PASS" && other.result === "PASS" ? "PASS" : "FAIL",
    failure_codes: [...one.failure_codes, ...other.failure_codes],
    reason_classes: [...one.reason_classes, ...other.reason_classes],
    evidence_inspected: Object.fromEntries(seen),
    claims: [...one.claims, ...other.claims],
  };
}

function hello() {
  const version = run("--version").stdout.trim().split(/\s+/).at(-1);
  const ops = Object.keys(OPERATIONS);
  const about = { name: "permit-verify through JavaScript", version, language: "JavaScript", ops, features: ["*"] };
  return { protocol: 1, implementation: about };
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  if (request.cmd === "stop") break;
  let answer;
  if (request.cmd === "start") {
    answer = hello();
  } else {
    answer = { seq: request.seq };
    try {
      Object.assign(answer, OPERATIONS[request.op](request));
    } catch (error) {
      // Whatever goes wrong is no verdict.
      if (error instanceof Unsupported) answer.skipped = { reason: error.message };
      else answer.errored = { message: String(error) };
    }
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit(0);
