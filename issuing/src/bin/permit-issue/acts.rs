// SPDX-License-Identifier: Apache-2.0

//! The commands that issue something.

use std::{
    io::{self, BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
};

use permit_canonical_json::{Object, Value, WireBody, to_value};
use permit_chain::default_sentinel;
use permit_closure::SealedClosure;
use permit_delegation::{DelegationRequest, EnvelopeVersion};
use permit_issuing::{
    AnySigner, Chains, Closing, EventInput, Issuer, KeyFolder, Project, ProjectStore,
    RevocationInput, WriteError, write_whole,
};
use permit_keys::{Purpose, PurposeKey};
use permit_types::{
    ActorId, ActorKind, AuthorityEnvelope, ChainEntry, CheckpointId, ClosureStatus, Instant,
    NonEmptyText, Permit, PermitFacts, ProjectId, RecordHash, RevocationReasonCode, Rfc3339,
};

use crate::{
    answer::{Answer, Failure},
    args::{
        AppendArgs, BindArgs, ChainsWord, CheckpointArgs, CloseArgs, Common, DecisionWord,
        DelegateArgs, DispatchArgs, InitArgs, PermitArgs, PermitMembers, RevokeArgs,
    },
    input::{self, Ids, Members},
    keys::existing,
};

pub(crate) fn init(common: &Common, args: &InitArgs) -> Result<Answer, Failure> {
    let uuid = "it is a UUID of the form 8-4-4-4-12";
    let project_id = ProjectId::parse(&args.project_id)
        .ok_or_else(|| input::not_a("project id", &args.project_id, uuid))?;
    let sentinel = match &args.sentinel {
        None => default_sentinel(),
        Some(text) => RecordHash::from_hex(text)
            .ok_or_else(|| input::not_a("hash", text, "it has 64 lowercase hexadecimal digits"))?,
    };
    let created_at = input::time(common)?;
    let chains = match args.chains {
        ChainsWord::PerPermit => Chains::PerPermit,
        ChainsWord::One => Chains::One,
    };
    std::fs::create_dir_all(&common.store)
        .map_err(|problem| WriteError::Io { path: common.store.clone(), problem })?;
    ProjectStore::create(&common.store, &Project { project_id, created_at, chains, sentinel })?;
    Ok(Answer::new(format!("store of the project {}: {}", args.project_id, common.store.display()))
        .with("project_id", args.project_id.clone())
        .with("chains", chains.as_str()))
}

pub(crate) fn permit(common: &Common, args: &PermitArgs) -> Result<Answer, Failure> {
    let mut open = Open::new(common)?;
    let request = request(args.members.request.as_deref())?;
    let mut draft = members(&mut open, &args.members, request.as_ref())?;
    if let Some(decision) = args.decision {
        draft.insert(
            "decision",
            match decision {
                DecisionWord::Allow => "allow",
                DecisionWord::Deny => "deny",
                DecisionWord::Challenge => "challenge",
            },
        );
    }
    let permit: Permit = input::typed(&draft.into(), "permit")?;
    let (id, decision) = (permit.id.clone(), permit.decision);
    let target = Target::of(common, args.wire_body.as_deref(), args.force)?;
    let request = request.filter(|_| !args.no_bind);
    let body = open.issuer()?.issue(permit, request.as_ref())?;
    let answer = Answer::new(format!("permit {id}: {decision}"))
        .with("permit_id", id.to_string())
        .with("decision", decision.as_str());
    with_body(answer, body.as_ref(), target)
}

pub(crate) fn bind(common: &Common, args: &BindArgs) -> Result<Answer, Failure> {
    let mut open = Open::new(common)?;
    let id = input::permit_id(&args.permit_id)?;
    let request = input::json(&args.request)?;
    let target = Target::of(common, args.wire_body.as_deref(), args.force)?;
    let body = open.issuer()?.bind(&id, &request)?;
    let answer = Answer::new(format!("permit {id}: bound")).with("permit_id", id.to_string());
    with_body(answer, Some(&body), target)
}

pub(crate) fn dispatch(common: &Common, args: &DispatchArgs) -> Result<Answer, Failure> {
    let mut open = Open::new(common)?;
    let id = input::permit_id(&args.permit_id)?;
    let body = match (&args.body, &args.request) {
        (Some(path), _) => input::bytes(path)?,
        (None, Some(path)) => {
            let body = WireBody::new(&input::json(path)?);
            let body = body.map_err(permit_issuing::IssuingError::from)?;
            body.text().as_bytes().to_vec()
        }
        (None, None) => return Err(Failure::error("nothing goes out", "give --body or --request")),
    };
    open.issuer()?.dispatch(&id, &body)?;
    Ok(Answer::new(format!("permit {id}: dispatched, {} bytes", body.len()))
        .with("permit_id", id.to_string())
        .with("bytes", Value::from(body.len())))
}

pub(crate) fn append(common: &Common, args: &AppendArgs) -> Result<Answer, Failure> {
    let mut open = Open::new(common)?;
    if args.lines {
        return append_lines(common, &mut open, args);
    }
    let document = Members::of_file(args.input.as_deref(), "the event")?;
    let entry = open.issuer()?.append(event(document, args)?)?;
    Ok(appended(&entry))
}

/// Each event by itself: what was answered is stored, whatever comes after.
fn append_lines(
    common: &Common,
    open: &mut Open<'_>,
    args: &AppendArgs,
) -> Result<Answer, Failure> {
    let path = args.input.as_deref().unwrap_or(Path::new("-"));
    let source: Box<dyn io::Read> = if path == Path::new("-") {
        Box::new(io::stdin())
    } else {
        Box::new(std::fs::File::open(path).map_err(|problem| input::unreadable(path, &problem))?)
    };
    let mut count: u64 = 0;
    for line in BufReader::new(source).split(b'\n') {
        let line = line.map_err(|problem| input::unreadable(path, &problem))?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let name = format!("event {}", count + 1);
        let document = input::object_of(input::json_of(&line, &name)?, &name)?;
        let document = Members::new(document, "the event");
        let entry = open.issuer()?.append(event(document, args)?)?;
        count += 1;
        let given = appended(&entry).give(common.json);
        given.map_err(|problem| {
            Failure::error(
                format!("the answer cannot be written: {problem}"),
                "ask `permit-issue status`",
            )
        })?;
    }
    Ok(Answer::new(format!("{count} events")).with("count", Value::from(count)))
}

pub(crate) fn close(common: &Common, args: &CloseArgs) -> Result<Answer, Failure> {
    let mut open = Open::new(common)?;
    let id = input::permit_id(&args.permit_id)?;
    let closing = closing(args)?;
    let status = closing.status;
    let target = Target::of(common, args.output.output.as_deref(), args.output.force)?;
    let key = key(&open.keys, args.key.as_ref(), open.at.instant())?;
    let sealed: SealedClosure = open.issuer()?.close(&id, &closing, &key)?;
    let envelope = to_value(&sealed.to_envelope()).map_err(permit_issuing::IssuingError::from)?;
    let answer = Answer::new(format!("permit {id}: {status}"))
        .with("permit_id", id.to_string())
        .with("closure_status", status.as_str())
        .with("execution_id", sealed.payload().execution_id.to_string());
    with_document(answer, "closure", envelope, target)
}

fn closing(args: &CloseArgs) -> Result<Closing, Failure> {
    let mut document = Members::of_file(args.input.as_deref(), "the ending")?;
    let status = document.text("closure_status", args.status.as_ref())?.unwrap_or_default();
    let status = ClosureStatus::parse(&status).ok_or_else(|| {
        let words: Vec<_> = ClosureStatus::ALL.iter().map(|status| status.as_str()).collect();
        input::not_a("closure status", &status, &format!("it is one of {}", words.join(", ")))
    })?;
    let mut digest = |file: &Option<PathBuf>, hex: &Option<String>, name| {
        let stated = document.text(name, hex.as_ref())?;
        match (file, stated) {
            (Some(path), _) => input::digest(path).map(Some),
            (None, Some(hex)) => input::hex_digest(name, &hex).map(Some),
            (None, None) => Ok(None),
        }
    };
    let provider = digest(&args.provider_response, &args.provider_digest, "provider_digest")?;
    let client = digest(&args.client_response, &args.client_digest, "client_digest")?;
    let execution_id = document.text("execution_id", args.execution_id.as_ref())?;
    let completed_at = document.text("completed_at", args.completed_at.as_ref())?;
    let response_id = args.provider_response_id.as_ref();
    let closing = Closing {
        provider,
        client,
        execution_id: non_empty("execution_id", execution_id.as_deref())?,
        correlation_id: document.text("correlation_id", args.correlation_id.as_ref())?,
        status_code: document.integer("status_code", args.status_code)?,
        provider_response_id: document.text("provider_response_id", response_id)?,
        completed_at: input::optional_time("completed_at", completed_at.as_ref())?,
        ..Closing::new(status)
    };
    document.end(
        "closure_status, provider_digest, client_digest, execution_id, correlation_id, status_code, \
         provider_response_id and completed_at",
    )?;
    Ok(closing)
}

pub(crate) fn revoke(common: &Common, args: &RevokeArgs) -> Result<Answer, Failure> {
    let mut open = Open::new(common)?;
    let input = revocation(args)?;
    let target = Target::of(common, args.output.output.as_deref(), args.output.force)?;
    let key = key(&open.keys, args.key.as_ref(), open.at.instant())?;
    let signed = open.issuer()?.revoke(&input, &key)?;
    let answer = Answer::new(format!("permit {}: revoked", input.permit_id))
        .with("permit_id", input.permit_id.to_string())
        .with("revoked_at", signed.event().revoked_at.to_string());
    with_document(answer, "revocation_event", signed.to_evidence(), target)
}

fn revocation(args: &RevokeArgs) -> Result<RevocationInput, Failure> {
    let mut document = Members::of_file(args.input.as_deref(), "the revocation")?;
    let actor = document.text("actor_id", args.actor.as_ref())?.unwrap_or_default();
    let kind = document.text("actor_kind", args.actor_kind.as_ref())?;
    let kind = kind.unwrap_or_else(|| "user".to_owned());
    let reason = document.text("reason_code", args.reason.as_ref())?.unwrap_or_default();
    document.end("actor_id, actor_kind and reason_code")?;
    Ok(RevocationInput {
        permit_id: input::permit_id(&args.permit_id)?,
        actor_id: ActorId::parse(&actor).ok_or_else(|| {
            input::not_a("actor", &actor, "it is a UUID, and never a name or an address")
        })?,
        actor_kind: ActorKind::parse(&kind).ok_or_else(|| {
            let words: Vec<_> = ActorKind::ALL.iter().map(|kind| kind.as_str()).collect();
            input::not_a("kind of actor", &kind, &format!("it is one of {}", words.join(", ")))
        })?,
        reason_code: RevocationReasonCode::parse(&reason).ok_or_else(|| {
            input::not_a("reason code", &reason, "it is a code such as operator.requested")
        })?,
    })
}

pub(crate) fn delegate(common: &Common, args: &DelegateArgs) -> Result<Answer, Failure> {
    let mut open = Open::new(common)?;
    let parent_permit_id = input::permit_id(&args.parent)?;
    let request = request(args.members.request.as_deref())?;
    let mut draft = members(&mut open, &args.members, request.as_ref())?;
    draft.insert("decision", "allow");
    let permit: Permit = input::typed(&draft.into(), "permit")?;
    let envelope = permit.authority_envelope.clone().ok_or_else(|| {
        Failure::error("the child has no authority", "say what it may do with --envelope")
    })?;
    let denied = non_empty("--deny", args.deny.as_deref())?;
    let request =
        DelegationRequest { parent_permit_id: parent_permit_id.clone(), permit, envelope };
    let child = open.issuer()?.delegate(request, denied)?;
    Ok(Answer::new(format!("permit {}: a child of {parent_permit_id}", child.id))
        .with("permit_id", child.id.to_string())
        .with("parent_permit_id", parent_permit_id.to_string())
        .with("delegation_depth", Value::from(child.depth())))
}

pub(crate) fn checkpoint(common: &Common, args: &CheckpointArgs) -> Result<Answer, Failure> {
    let mut open = Open::new(common)?;
    let id = args.id.clone().unwrap_or_else(|| open.ids.draw());
    let checkpoint_id = CheckpointId::parse(&id)
        .ok_or_else(|| input::not_a("checkpoint id", &id, "it is a UUID of the form 8-4-4-4-12"))?;
    let target = Target::of(common, args.output.output.as_deref(), args.output.force)?;
    let key = key(&open.keys, args.key.as_ref(), open.at.instant())?;
    let document = open.issuer()?.checkpoint(checkpoint_id, &key)?;
    let answer = Answer::new(format!("checkpoint {id}")).with("checkpoint_id", id);
    with_document(answer, "checkpoint", document, target)
}

/// A store that is open to be written to, and what acts need beside it.
struct Open<'c> {
    common: &'c Common,
    store: ProjectStore,
    keys: KeyFolder,
    at: Rfc3339,
    ids: Ids,
}

impl<'c> Open<'c> {
    fn new(common: &'c Common) -> Result<Self, Failure> {
        let store = ProjectStore::open(&common.store, common.access_to_write())?;
        warn_torn(&store);
        let at = input::time(common)?;
        let ids = Ids::new(common, &store.seal().to_string())?;
        Ok(Self { common, store, keys: KeyFolder::new(common.key_folder()), at, ids })
    }

    /// An issuer, of now: where many acts take their time, each has its own.
    fn issuer(&mut self) -> Result<Issuer<'_, impl FnMut() -> String>, Failure> {
        self.at = input::time(self.common)?;
        let Self { store, at, ids, .. } = self;
        Ok(Issuer::new(store, at, || ids.draw())?)
    }
}

pub(crate) fn warn_torn(store: &ProjectStore) {
    if let Some(torn) = store.torn_tail() {
        let note =
            "of a command that was interrupted were found behind the journal and count for nothing";
        // If nobody reads it, `status` says it no more once it is cut off; it was never said to have succeeded.
        let _ = writeln!(io::stderr(), "note: {torn} bytes {note}");
    }
}

/// The key to sign with: that of a file, or the active one of the folder.
pub(crate) fn key<P: Purpose>(
    folder: &KeyFolder,
    file: Option<&PathBuf>,
    at: Instant,
) -> Result<PurposeKey<P, AnySigner>, Failure> {
    Ok(match file {
        Some(path) => folder.key_of_file(path, at)?,
        None => folder.key(at)?,
    })
}

fn request(path: Option<&Path>) -> Result<Option<Value<'static>>, Failure> {
    path.map(input::json).transpose()
}

/// The members of a permit: those of the document, those of flags, and for the rest what goes without saying.
fn members(
    open: &mut Open<'_>,
    args: &PermitMembers,
    request: Option<&Value<'_>>,
) -> Result<Object<'static>, Failure> {
    let mut permit = match &args.input {
        Some(path) => input::object_of(input::json(path)?, "the permit")?,
        None => Object::default(),
    };
    for (name, flag) in [
        ("id", &args.id),
        ("reason", &args.reason),
        ("subject_type", &args.subject_type),
        ("subject_id", &args.subject_id),
        ("action_name", &args.action),
        ("resource_provider", &args.provider),
        ("resource_model", &args.model),
        ("policy_id", &args.policy_id),
        ("policy_version", &args.policy_version),
        ("idempotency_key", &args.idempotency_key),
        ("expires_at", &args.expires_at),
    ] {
        if let Some(text) = flag {
            permit.insert(name, text.clone());
        }
    }
    if let Some(path) = &args.envelope {
        permit.insert("authority_envelope", input::json(path)?);
    }
    if let Some(envelope) = permit.get("authority_envelope").cloned() {
        let envelope: AuthorityEnvelope = input::typed(&envelope, "authority envelope")?;
        default(&mut permit, "authority_envelope_version", EnvelopeVersion::V0.as_str());
        default(&mut permit, "expires_at", envelope.expires_at.to_string());
    }
    if let Some(request) = request {
        let fingerprint = PermitFacts::request_fingerprint(request);
        let fingerprint = fingerprint.map_err(permit_issuing::IssuingError::from)?;
        default(&mut permit, "request_fingerprint", fingerprint.to_string());
    }
    let project = open.store.project().map(|project| project.project_id.to_string());
    default(&mut permit, "project_id", project);
    let id = open.ids.draw();
    default(&mut permit, "id", id);
    let key = permit.get("id").cloned();
    default(&mut permit, "idempotency_key", key);
    default(&mut permit, "created_at", open.at.to_string());
    default(&mut permit, "actions_json", Value::array::<Value<'_>>([]));
    default(&mut permit, "estimated_input_tokens", Value::from(0_u64));
    default(&mut permit, "estimated_output_tokens", Value::from(0_u64));
    if permit.get("request_fingerprint").is_none() {
        return Err(Failure::error(
            "the permit has no `request_fingerprint`",
            "give the request with --request, or the fingerprint in --input",
        ));
    }
    Ok(permit)
}

fn default(object: &mut Object<'static>, name: &'static str, value: impl Into<Value<'static>>) {
    if object.get(name).is_none() {
        object.insert(name, value);
    }
}

fn event(mut document: Members, args: &AppendArgs) -> Result<EventInput, Failure> {
    let permit = document.text("permit_id", args.permit.as_ref())?;
    let event_type = document.text("event_type", args.event_type.as_ref())?;
    let severity = document.text("severity", args.severity.as_ref())?;
    let event = EventInput {
        event_id: document.text("event_id", args.event_id.as_ref())?,
        event_type: event_type.ok_or_else(|| {
            Failure::error("the event has no type", "give it with --type or as `event_type`")
        })?,
        permit_id: permit.as_deref().map(input::permit_id).transpose()?,
        resource_type: document.text("resource_type", args.resource_type.as_ref())?,
        resource_id: document.text("resource_id", args.resource_id.as_ref())?,
        outcome: document.text("outcome", args.outcome.as_ref())?,
        severity: severity.unwrap_or_else(|| "info".to_owned()),
        payload: match document.take("payload") {
            Some(payload) => input::object_of(payload, "the payload")?,
            None => Object::default(),
        },
    };
    document.end(
        "event_type, permit_id, event_id, resource_type, resource_id, outcome, severity and payload; what else there \
         is to say goes into payload",
    )?;
    Ok(event)
}

fn appended(entry: &ChainEntry) -> Answer {
    Answer::new(format!(
        "{} {} {}",
        entry.chain_scope,
        entry.sequence_number.get(),
        entry.record_hash
    ))
    .with("event_id", entry.event_id.to_string())
    .with("chain_scope", entry.chain_scope.to_string())
    .with("sequence_number", Value::from(entry.sequence_number.get()))
    .with("record_hash", entry.record_hash.to_string())
}

fn non_empty(flag: &str, text: Option<&str>) -> Result<Option<NonEmptyText>, Failure> {
    let parse = |text: &str| {
        NonEmptyText::parse(text)
            .ok_or_else(|| Failure::error(format!("{flag} is empty"), "leave it out"))
    };
    text.map(parse).transpose()
}

/// Refuses to write over what the store or its keys consist of, and over what is no regular file.
pub(crate) fn refuse_own(common: &Common, path: &Path) -> Result<(), Failure> {
    let Ok(there) = path.canonicalize() else { return Ok(()) };
    let is_within = |folder: &Path| folder.canonicalize().is_ok_and(|own| there.starts_with(own));
    let is_journal =
        common.store.join("journal").canonicalize().is_ok_and(|journal| journal == there);
    if is_journal || is_within(&common.key_folder()) {
        let message = format!("`{}` is a part of the store or of its keys", path.display());
        return Err(Failure::error(message, "choose another place"));
    }
    if !there.is_file() {
        let message = format!("`{}` is no regular file", path.display());
        return Err(Failure::error(message, "choose another place"));
    }
    Ok(())
}

/// A file that an act writes after it is done. That it can be written is looked at before.
struct Target<'a> {
    path: &'a Path,
    force: bool,
}

impl<'a> Target<'a> {
    fn of(common: &Common, path: Option<&'a Path>, force: bool) -> Result<Option<Self>, Failure> {
        let Some(path) = path else { return Ok(None) };
        refuse_own(common, path)?;
        if !force && path.symlink_metadata().is_ok() {
            return Err(WriteError::Exists { path: path.to_owned() }.into());
        }
        // A trial: whoever finds out later that the folder is read-only has done half of it.
        drop(permit_issuing::WholeFile::begin(path, existing(force))?);
        Ok(Some(Self { path, force }))
    }

    fn write(&self, bytes: &[u8]) -> Result<(), Failure> {
        write_whole(self.path, bytes, existing(self.force)).map_err(|error| {
            let help = "`permit-issue --json status PERMIT_ID` has what is stored";
            Failure::error(format!("it was done and stored, and only then {error}"), help)
        })
    }
}

fn with_body(
    answer: Answer,
    body: Option<&WireBody>,
    target: Option<Target<'_>>,
) -> Result<Answer, Failure> {
    let Some(body) = body else { return Ok(answer) };
    let hash = body.digest().to_string();
    let answer = answer
        .line(format!("bound to the request {hash}"))
        .with("binding_request_hash", hash)
        .with("wire_body", body.text().to_owned());
    if let Some(target) = target {
        target.write(body.text().as_bytes())?;
    }
    Ok(answer)
}

fn with_document(
    answer: Answer,
    name: &'static str,
    document: Value<'static>,
    target: Option<Target<'_>>,
) -> Result<Answer, Failure> {
    let answer = match target {
        Some(target) => {
            target.write(permit_claims::to_pretty_text(&document).as_bytes())?;
            answer.line(format!("written to {}", target.path.display()))
        }
        None => answer,
    };
    Ok(answer.with(name, document))
}
