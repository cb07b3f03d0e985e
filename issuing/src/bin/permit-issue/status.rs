// SPDX-License-Identifier: Apache-2.0

//! `status`: what is in the store.

use permit_canonical_json::{Value, to_value};
use permit_issuing::{PermitStanding, ProjectStore, Refusal};

use crate::{
    answer::{Answer, Failure},
    args::{Common, StatusArgs},
    input,
};

pub(crate) fn run(common: &Common, args: &StatusArgs) -> Result<Answer, Failure> {
    let store = ProjectStore::open(&common.store, common.access_to_read())?;
    match &args.permit_id {
        Some(text) => permit(&store, text),
        None => Ok(whole(&store, args)),
    }
}

fn permit(store: &ProjectStore, text: &str) -> Result<Answer, Failure> {
    let id = input::permit_id(text)?;
    let standing = store.state(&id).ok_or_else(|| {
        Refusal::new("unknown-permit", format!("there is no permit `{id}` in this store"))
    })?;
    let permit = store.permit(standing)?;
    let mut answer = Answer::new(line(standing));
    let mut events = Vec::new();
    for entry in store.entries(standing)? {
        answer = answer.line(format!("  {} {}", entry.created_at, entry.event_type));
        events.push(to_value(&entry).map_err(unwritable)?);
    }
    Ok(answer
        .with("permit", to_value(&permit).map_err(unwritable)?)
        .with("standing", described(standing))
        .with("chain_entries", Value::array(events)))
}

fn whole(store: &ProjectStore, args: &StatusArgs) -> Answer {
    let counts = store.counts();
    let permits = store.states().count();
    let project = store.project().map(|project| project.project_id.to_string());
    let chains = store.project().map(|project| project.chains.as_str());
    let mut answer = Answer::new(format!("project {}", project.as_deref().unwrap_or_default()))
        .line(format!(
            "{permits} permits, {} chain entries, {} closures, {} revocations, {} checkpoints",
            counts.entries, counts.closures, counts.revocations, counts.checkpoints
        ))
        .line(format!("journal: {} bytes, seal {}", store.bytes(), store.seal()))
        .with("project_id", project)
        .with("chains", chains)
        .with("permit_count", Value::from(permits))
        .with("entry_count", Value::from(counts.entries))
        .with("closure_count", Value::from(counts.closures))
        .with("revocation_count", Value::from(counts.revocations))
        .with("checkpoint_count", Value::from(counts.checkpoints))
        .with("journal_bytes", Value::from(store.bytes()))
        .with("seal", store.seal().to_string());
    if let Some(torn) = store.torn_tail() {
        answer = answer
            .line(format!(
                "{torn} bytes of an unfinished command stand behind it, and count for nothing"
            ))
            .with("torn_bytes", Value::from(torn));
    }
    if args.permits {
        let listed: Vec<_> = store.states().map(described).collect();
        answer = store.states().fold(answer, |answer, standing| answer.line(line(standing)));
        answer = answer.with("permits", Value::array(listed));
    }
    if args.heads {
        let mut heads = Vec::new();
        for head in store.heads() {
            let Some((number, hash)) = head.last() else { continue };
            let scope = head.chain_scope().to_string();
            answer = answer.line(format!("{scope}: {} {hash}", number.get()));
            heads.push(Value::object([
                ("chain_scope", Value::from(scope)),
                ("sequence_number", number.get().into()),
                ("record_hash", hash.to_string().into()),
            ]));
        }
        answer = answer.with("heads", Value::array(heads));
    }
    answer
}

fn line(standing: &PermitStanding) -> String {
    let (id, decision) = (standing.permit_id(), standing.decision());
    format!("{id} {decision}, {}, {} events", standing.status(), standing.entry_count())
}

fn described(standing: &PermitStanding) -> Value<'static> {
    let text = |text: Option<String>| Value::from(text);
    Value::object([
        ("permit_id", Value::from(standing.permit_id().to_string())),
        ("decision", standing.decision().as_str().into()),
        ("status", standing.status().as_str().into()),
        ("created_at", standing.created_at().to_string().into()),
        ("expires_at", text(standing.expires_at().map(ToString::to_string))),
        ("parent_permit_id", text(standing.parent().map(ToString::to_string))),
        (
            "binding_request_hash",
            text(standing.binding_request_hash().map(|hash| hash.to_string())),
        ),
        ("dispatched_at", text(standing.dispatched_at().map(ToString::to_string))),
        ("closure_status", text(standing.closed().map(|status| status.to_string()))),
        ("revoked_at", text(standing.revoked_at().map(ToString::to_string))),
        ("events", Value::from(standing.entry_count())),
    ])
}

fn unwritable(error: permit_canonical_json::NotJson) -> Failure {
    Failure::error(error.to_string(), "the journal has something that cannot be shown")
}
