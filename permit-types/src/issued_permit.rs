// SPDX-License-Identifier: Apache-2.0

//! Permits that were issued, in types that know where they stand.
//!
//! ```text
//! PermitDraft ──allow──► Evaluated ──bind──► Bound ──dispatch──► Dispatched ──close──► Closed
//!      │                     │                 │                     │
//!      └─deny, challenge─► Refused             │                     │
//!                            └──────────revoke, expire───────────────┴──► Revoked, Expired
//! ```
//!
//! ```text
//! PERMIT-05  only a bound permit can be dispatched, and only a dispatched one closed as such
//! PERMIT-06  a refused permit has no way to be bound
//! PERMIT-07  a closure states the hash that the permit has
//! PERMIT-26  nothing changes an issued permit but the steps, and none changes a digest that is there
//! PERMIT-27  other bytes than those that were bound are not dispatched
//! ```

use alloc::{boxed::Box, string::ToString};
use core::fmt;

use permit_canonical_json::{CanonicalError, Sha256Digest, StrippedKeys, Value, WireBody};

use crate::{
    ClosurePayloadV2, ClosureStatus, Decision, Instant, Permit, PermitId, PermitProblem,
    PermitRevokedEvent, PermitStatus, ProjectId, Rfc3339, RuleId, permit_problem::check_issued,
};

/// A permit that was issued, and where it stands.
///
/// It can be looked at and taken one step further; nothing else changes it:
///
/// ```compile_fail,E0594
/// # use permit_types::{Bound, IssuedPermit};
/// fn tamper(permit: IssuedPermit<Bound>) {
///     permit.permit().binding_request_hash = None;
/// }
/// ```
///
/// A permit that denies or challenges cannot be bound (PERMIT-06):
///
/// ```compile_fail,E0599
/// # use permit_canonical_json::Value;
/// # use permit_types::{IssuedPermit, Refused};
/// fn bind(permit: IssuedPermit<Refused>, request: &Value<'_>) {
///     permit.bind(request);
/// }
/// ```
///
/// A permit that is not bound cannot be dispatched (PERMIT-05):
///
/// ```compile_fail,E0599
/// # use permit_types::{Evaluated, Instant, IssuedPermit};
/// fn dispatch(permit: IssuedPermit<Evaluated>, body: &[u8], at: Instant) {
///     permit.dispatch(body, at);
/// }
/// ```
///
/// A bound permit is dispatched once, and bound once (PERMIT-26):
///
/// ```compile_fail,E0382
/// # use permit_types::{Bound, Instant, IssuedPermit};
/// fn dispatch(permit: IssuedPermit<Bound>, body: &[u8], at: Instant) {
///     let _first = permit.dispatch(body, at);
///     let _second = permit.dispatch(body, at);
/// }
/// ```
///
/// ```compile_fail,E0599
/// # use permit_canonical_json::Value;
/// # use permit_types::{Bound, IssuedPermit};
/// fn bind_again(permit: IssuedPermit<Bound>, request: &Value<'_>) {
///     permit.bind(request);
/// }
/// ```
///
/// What is closed is neither revoked nor expired afterwards:
///
/// ```compile_fail,E0599
/// # use permit_types::{Closed, Instant, IssuedPermit};
/// fn expire(permit: IssuedPermit<Closed>, at: Instant) {
///     permit.expire(at);
/// }
/// ```
///
/// There is no copy of it, so that no step is taken twice. Its `status` is written anew by each
/// step; whoever has words of their own sets them on the exported copy.
#[derive(Debug, PartialEq, Eq)]
pub struct IssuedPermit<S> {
    permit: Permit,
    state: S,
}

/// A permit that allows a request, and is bound to none yet.
#[derive(Debug, PartialEq, Eq)]
pub struct Evaluated(());

/// A permit that denies or challenges.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused(());

/// A permit that is bound to one request, which has not gone out.
#[derive(Debug, PartialEq, Eq)]
pub struct Bound {
    hash: Sha256Digest,
}

/// A permit whose request went out.
#[derive(Debug, PartialEq, Eq)]
pub struct Dispatched {
    hash: Sha256Digest,
}

/// A permit whose execution ended, with a closure.
#[derive(Debug, PartialEq, Eq)]
pub struct Closed(());

/// A permit that was taken back before its execution was closed.
#[derive(Debug, PartialEq, Eq)]
pub struct Revoked(());

/// A permit whose time was over before its execution was closed.
#[derive(Debug, PartialEq, Eq)]
pub struct Expired(());

/// Where a permit can stand; implemented by the states of this crate alone.
pub trait PermitState: sealed::Sealed + Sized {
    /// The word that is written as the permit's `status`.
    const STATUS: PermitStatus;
}

/// The states that are not the end of a permit.
pub trait Open: PermitState {
    /// The hash of the request, if it went out.
    fn dispatched(&self) -> Option<Sha256Digest>;
}

/// The states of allowed permits whose execution can be closed.
pub trait Closable: Open {}

mod sealed {
    use crate::{Permit, PermitProblem};

    pub trait Sealed: Sized {
        /// The state of a permit that stands there; the permit has passed all other checks.
        fn of(permit: &Permit) -> Result<Self, PermitProblem>;
    }
}

/// Makes a state without data.
macro_rules! states {
    ($($name:ident = $status:ident, |$permit:ident| $check:expr;)+) => {$(
        impl sealed::Sealed for $name {
            fn of($permit: &Permit) -> Result<Self, PermitProblem> {
                $check
            }
        }

        impl PermitState for $name {
            const STATUS: PermitStatus = PermitStatus::$status;
        }
    )+};
}

states! {
    Evaluated = Evaluated, |permit| allowed(permit, Self::STATUS).and_then(|()| unbound(permit)).map(Self);
    Refused = Evaluated, |permit| match permit.decision {
        Decision::Allow => Err(PermitProblem::OtherStatus { expected: Self::STATUS }),
        Decision::Deny | Decision::Challenge => Ok(Self(())),
    };
    Bound = Bound, |permit| bound(permit, Self::STATUS).map(|hash| Self { hash });
    Dispatched = Dispatched, |permit| bound(permit, Self::STATUS).map(|hash| Self { hash });
    Closed = Closed, |permit| allowed(permit, Self::STATUS).map(Self);
    Revoked = Revoked, |_permit| Ok(Self(()));
    Expired = Expired, |_permit| Ok(Self(()));
}

fn allowed(permit: &Permit, status: PermitStatus) -> Result<(), PermitProblem> {
    match permit.decision {
        Decision::Allow => Ok(()),
        decision => Err(PermitProblem::RefusalCannotBe { decision, status }),
    }
}

fn unbound(permit: &Permit) -> Result<(), PermitProblem> {
    if permit.binding_request_hash.is_some() { Err(PermitProblem::BoundTooEarly) } else { Ok(()) }
}

fn bound(permit: &Permit, status: PermitStatus) -> Result<Sha256Digest, PermitProblem> {
    allowed(permit, status)?;
    permit.binding_request_hash.ok_or(PermitProblem::NotBound { status })
}

impl Open for Evaluated {
    fn dispatched(&self) -> Option<Sha256Digest> {
        None
    }
}

impl Open for Refused {
    fn dispatched(&self) -> Option<Sha256Digest> {
        None
    }
}

impl Open for Bound {
    fn dispatched(&self) -> Option<Sha256Digest> {
        None
    }
}

impl Open for Dispatched {
    fn dispatched(&self) -> Option<Sha256Digest> {
        Some(self.hash)
    }
}

impl Closable for Evaluated {}
impl Closable for Bound {}
impl Closable for Dispatched {}

impl<S: PermitState> IssuedPermit<S> {
    /// Takes up a permit that was stored when it stood here.
    ///
    /// # Errors
    /// If the permit contradicts itself, or what it says is not what a permit that stands here
    /// can say. A permit whose status is absent, or `pending` for `evaluated` (PERMIT-14), is taken
    /// by what it is.
    pub fn resume(permit: Permit) -> Result<Self, PermitProblem> {
        let stated = permit.status.as_deref();
        let pending =
            S::STATUS == PermitStatus::Evaluated && stated == Some(PermitStatus::Pending.as_str());
        if stated.is_some_and(|stated| stated != S::STATUS.as_str()) && !pending {
            return Err(PermitProblem::OtherStatus { expected: S::STATUS });
        }
        check_issued(&permit)?;
        let state = S::of(&permit)?;
        Ok(Self { permit, state })
    }

    fn step<T: PermitState>(mut self, state: T) -> IssuedPermit<T> {
        self.permit.status = Some(T::STATUS.as_str().to_string());
        IssuedPermit { permit: self.permit, state }
    }

    /// The permit in the form it is exported in.
    #[must_use]
    pub fn permit(&self) -> &Permit {
        &self.permit
    }

    /// The permit, without what is known about it: to be stored or exported.
    #[must_use]
    pub fn into_permit(self) -> Permit {
        self.permit
    }

    /// The id of the permit.
    #[must_use]
    pub fn id(&self) -> &PermitId {
        &self.permit.id
    }

    /// Where the permit stands.
    #[must_use]
    pub fn status(&self) -> PermitStatus {
        S::STATUS
    }

    fn refuse(self, reason: StepProblem) -> StepRefused<S> {
        StepRefused { permit: Box::new(self), reason }
    }
}

impl IssuedPermit<Evaluated> {
    /// Issues a permit that allows and was made elsewhere, such as by delegation.
    ///
    /// # Errors
    /// If it does not allow, is bound already, or contradicts itself.
    pub fn issue(permit: Permit) -> Result<Self, PermitProblem> {
        let issued = Self::resume(permit)?;
        Ok(issued.step(Evaluated(())))
    }

    /// Binds the permit to a request, and gives the bytes that are to be sent.
    ///
    /// Bytes and hash come from one function, so that they cannot differ (CANON-11). Send exactly
    /// these, and show them to [`dispatch`](IssuedPermit::dispatch).
    ///
    /// # Errors
    /// If a number of the request has no canonical form. The permit comes back as it was.
    pub fn bind(
        self,
        request: &Value<'_>,
    ) -> Result<(IssuedPermit<Bound>, WireBody), StepRefused<Evaluated>> {
        self.bind_body(WireBody::new(request))
    }

    /// The same, leaving out further volatile names of the issuer (CANON-09).
    ///
    /// # Errors
    /// As for [`bind`](Self::bind).
    pub fn bind_with(
        self,
        request: &Value<'_>,
        keys: StrippedKeys,
    ) -> Result<(IssuedPermit<Bound>, WireBody), StepRefused<Evaluated>> {
        self.bind_body(WireBody::with_keys(request, keys))
    }

    fn bind_body(
        mut self,
        body: Result<WireBody, CanonicalError>,
    ) -> Result<(IssuedPermit<Bound>, WireBody), StepRefused<Evaluated>> {
        match body {
            Ok(body) => {
                let hash = body.digest();
                self.permit.binding_request_hash = Some(hash);
                Ok((self.step(Bound { hash }), body))
            }
            Err(error) => Err(self.refuse(StepProblem::NotCanonical(error))),
        }
    }
}

impl IssuedPermit<Refused> {
    /// Issues a permit that denies or challenges and was made elsewhere.
    ///
    /// # Errors
    /// If it allows, is bound, or contradicts itself.
    pub fn issue(permit: Permit) -> Result<Self, PermitProblem> {
        let issued = Self::resume(permit)?;
        Ok(issued.step(Refused(())))
    }
}

impl IssuedPermit<Bound> {
    /// The request that may go out.
    #[must_use]
    pub fn binding_request_hash(&self) -> Sha256Digest {
        self.state.hash
    }

    /// Lets the request go out, if it is the one that the permit is bound to and the permit has not
    /// expired. Call it right before the bytes are sent.
    ///
    /// # Errors
    /// If these are other bytes: then nothing may be sent, and the violation has to be recorded
    /// in the chain (PERMIT-27); if the permit has expired. The permit comes back, still bound.
    pub fn dispatch(
        self,
        body: &[u8],
        at: Instant,
    ) -> Result<IssuedPermit<Dispatched>, StepRefused<Bound>> {
        let hash = self.state.hash;
        let actual = Sha256Digest::of(body);
        if actual != hash {
            let violation = BindingViolation { permit_id: self.id().clone(), bound: hash, actual };
            return Err(self.refuse(StepProblem::BindingViolation(violation)));
        }
        match self.permit.expires_at.clone() {
            Some(expires_at) if expires_at.instant() <= at => {
                Err(self.refuse(StepProblem::IsExpired { expires_at }))
            }
            _ => Ok(self.step(Dispatched { hash })),
        }
    }
}

impl IssuedPermit<Dispatched> {
    /// The request that went out.
    #[must_use]
    pub fn binding_request_hash(&self) -> Sha256Digest {
        self.state.hash
    }
}

impl<S: Closable> IssuedPermit<S> {
    /// Ends the execution with the payload of its closure.
    ///
    /// That the closure is signed is not looked at here; `permit_closure::SealedClosure::close`
    /// is where one comes from.
    ///
    /// # Errors
    /// If the closure is that of another permit, states another request than went out, one that did
    /// not go out, or none that did; or lacks a digest that its status demands. The permit comes
    /// back as it was.
    pub fn close(self, closure: &ClosurePayloadV2) -> Result<IssuedPermit<Closed>, StepRefused<S>> {
        match self.check_closure(closure) {
            Ok(()) => Ok(self.step(Closed(()))),
            Err(reason) => Err(self.refuse(reason)),
        }
    }

    fn check_closure(&self, closure: &ClosurePayloadV2) -> Result<(), StepProblem> {
        self.permit.check_id(&closure.permit_id)?;
        let (sent, stated) = (self.state.dispatched(), closure.dispatch_request_digest_v1);
        let status = closure.closure_status;
        match status {
            ClosureStatus::MissingClosure => return Ok(()),
            // Released, and yet nothing could be sent.
            ClosureStatus::DispatchError if stated.is_none() => return Ok(()),
            _ if sent != stated => return Err(StepProblem::OtherDispatch { sent, stated }),
            _ if sent.is_none() && !may_end_before_dispatch(status) => {
                return Err(StepProblem::NotDispatched { status });
            }
            _ => {}
        }
        match closure.missing_when_closed().first() {
            Some(member) => Err(StepProblem::DigestMissing { member }),
            None => Ok(()),
        }
    }
}

/// What can happen to a request that does not go out.
fn may_end_before_dispatch(status: ClosureStatus) -> bool {
    use ClosureStatus::{ClientDisconnected, DispatchError, Timeout};
    matches!(status, DispatchError | ClientDisconnected | Timeout)
}

impl<S: Open> IssuedPermit<S> {
    /// Takes the permit back. An execution that is under way still ends with a closure of its own.
    ///
    /// That the revocation is signed is not looked at here; `permit_revocation::SignedRevocation::revoke`
    /// is where one comes from.
    ///
    /// # Errors
    /// If the revocation is that of another permit or project, or older than the permit. The permit
    /// comes back as it was.
    pub fn revoke(
        self,
        event: &PermitRevokedEvent,
    ) -> Result<IssuedPermit<Revoked>, StepRefused<S>> {
        match self.check_revocation(event) {
            Ok(()) => Ok(self.step(Revoked(()))),
            Err(reason) => Err(self.refuse(reason)),
        }
    }

    fn check_revocation(&self, event: &PermitRevokedEvent) -> Result<(), StepProblem> {
        self.permit.check_id(&event.permit_id)?;
        let (own, other) = (&self.permit.project_id, &event.project_id);
        if !own.as_str().eq_ignore_ascii_case(other.as_str()) {
            let (expected, found) = (own.clone(), other.clone());
            return Err(StepProblem::OtherProject { expected, found });
        }
        if event.revoked_at.instant() < self.permit.created_at.instant() {
            return Err(StepProblem::RevokedBeforeIssued { revoked_at: event.revoked_at.clone() });
        }
        Ok(())
    }

    /// Notes that the time of the permit is over.
    ///
    /// # Errors
    /// If the permit has no end, or it has not come yet. The permit comes back as it was.
    pub fn expire(self, at: Instant) -> Result<IssuedPermit<Expired>, StepRefused<S>> {
        match self.permit.expires_at.clone() {
            Some(expires_at) if expires_at.instant() <= at => Ok(self.step(Expired(()))),
            expires_at => Err(self.refuse(StepProblem::NotExpired { expires_at })),
        }
    }
}

impl Permit {
    /// Whether something is about this permit; ids are UUIDs, whose case does not count.
    fn check_id(&self, found: &PermitId) -> Result<(), StepProblem> {
        if self.id.as_str().eq_ignore_ascii_case(found.as_str()) {
            return Ok(());
        }
        Err(StepProblem::OtherPermit { expected: self.id.clone(), found: found.clone() })
    }
}

/// A permit that was not taken a step further, and why.
#[derive(Debug, PartialEq, Eq)]
pub struct StepRefused<S> {
    permit: Box<IssuedPermit<S>>,
    reason: StepProblem,
}

impl<S> StepRefused<S> {
    /// Why.
    #[must_use]
    pub fn reason(&self) -> &StepProblem {
        &self.reason
    }

    /// The permit as it was, and why it stays so.
    #[must_use]
    pub fn into_parts(self) -> (IssuedPermit<S>, StepProblem) {
        (*self.permit, self.reason)
    }
}

impl<S> fmt::Display for StepRefused<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)
    }
}

impl<S: fmt::Debug> core::error::Error for StepRefused<S> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(&self.reason)
    }
}

/// Other bytes were about to go out than those that the permit is bound to (PERMIT-27).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindingViolation {
    /// The permit.
    pub permit_id: PermitId,
    /// The digest of the bytes that the permit is bound to.
    pub bound: Sha256Digest,
    /// The digest of the bytes that were about to go out.
    pub actual: Sha256Digest,
}

/// Why a permit is not taken a step further.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StepProblem {
    /// The request has no canonical form.
    #[error("the request cannot be bound: {0}")]
    NotCanonical(CanonicalError),
    /// Other bytes than those that were bound.
    #[error(
        "the permit is bound to a request with the digest `{}`, and these bytes have `{}`; send nothing and record the violation",
        .0.bound,
        .0.actual
    )]
    BindingViolation(BindingViolation),
    /// The permit has expired.
    #[error("the permit expired at `{expires_at}`")]
    IsExpired {
        /// When.
        expires_at: Rfc3339,
    },
    /// The permit has not expired.
    #[error("the permit has not expired")]
    NotExpired {
        /// When it will; none if never.
        expires_at: Option<Rfc3339>,
    },
    /// Something about another permit.
    #[error("this is about the permit `{found}`, not `{expected}`")]
    OtherPermit {
        /// The permit that was to be taken further.
        expected: PermitId,
        /// The permit that it is about.
        found: PermitId,
    },
    /// Something about another project.
    #[error("this is about the project `{found}`, not `{expected}`")]
    OtherProject {
        /// The project of the permit.
        expected: ProjectId,
        /// The project that it is about.
        found: ProjectId,
    },
    /// A revocation that is older than the permit.
    #[error("the permit was not issued when it was revoked, at `{revoked_at}`")]
    RevokedBeforeIssued {
        /// When it was revoked.
        revoked_at: Rfc3339,
    },
    /// The closure states another request than went out, or none.
    #[error("the closure does not state the request that went out")]
    OtherDispatch {
        /// What went out.
        sent: Option<Sha256Digest>,
        /// What the closure states.
        stated: Option<Sha256Digest>,
    },
    /// The closure says how an execution ended that never began.
    #[error("a permit whose request did not go out cannot end as `{status}`")]
    NotDispatched {
        /// How it is said to have ended.
        status: ClosureStatus,
    },
    /// The closure lacks a digest that its status demands.
    #[error("the closure lacks `{member}`")]
    DigestMissing {
        /// The member.
        member: &'static str,
    },
}

impl StepProblem {
    /// The rule that the step would break.
    #[must_use]
    pub fn rule(&self) -> RuleId {
        RuleId::new(match self {
            Self::NotCanonical(_) => "CANON-06",
            Self::BindingViolation(_) => "PERMIT-27",
            Self::IsExpired { .. } | Self::NotExpired { .. } => "PERMIT-13",
            Self::OtherPermit { .. } => "PERMIT-28",
            Self::OtherProject { .. } => "REVOKE-03",
            Self::RevokedBeforeIssued { .. } => "PCHAIN-21",
            Self::OtherDispatch { .. } => "PERMIT-07",
            Self::NotDispatched { .. } => "PERMIT-05",
            Self::DigestMissing { .. } => "CLOSE-05",
        })
    }
}
