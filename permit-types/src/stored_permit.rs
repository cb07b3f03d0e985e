// SPDX-License-Identifier: Apache-2.0

//! A permit that was stored, in the type of wherever it stands.

use crate::{
    Bound, Closed, Decision, Dispatched, Evaluated, Expired, IssuedPermit, Permit, PermitProblem,
    PermitStatus, Refused, Revoked,
};

/// A permit that was stored, wherever it stands.
///
/// This is for issuers, who stored it themselves and can believe its `status`. Whoever verifies
/// cannot (PERMIT-13).
#[derive(Debug, PartialEq, Eq)]
pub enum StoredPermit {
    /// It allows, and is bound to nothing.
    Evaluated(IssuedPermit<Evaluated>),
    /// It denies or challenges.
    Refused(IssuedPermit<Refused>),
    /// It is bound.
    Bound(IssuedPermit<Bound>),
    /// Its request went out.
    Dispatched(IssuedPermit<Dispatched>),
    /// It has a closure.
    Closed(IssuedPermit<Closed>),
    /// It was taken back.
    Revoked(IssuedPermit<Revoked>),
    /// It expired.
    Expired(IssuedPermit<Expired>),
}

impl StoredPermit {
    /// Takes up a stored permit where its `status` says that it stands. One without a status is
    /// taken as just decided.
    ///
    /// # Errors
    /// If it contradicts itself, or its status is not a word of [`PermitStatus`].
    pub fn resume(permit: Permit) -> Result<Self, PermitProblem> {
        let status = match permit.status.as_deref() {
            None => PermitStatus::Evaluated,
            Some(word) => PermitStatus::parse(word).ok_or(PermitProblem::UnknownStatus)?,
        };
        Ok(match (status, permit.decision) {
            (PermitStatus::Evaluated | PermitStatus::Pending, Decision::Allow) => {
                Self::Evaluated(IssuedPermit::resume(permit)?)
            }
            (PermitStatus::Evaluated | PermitStatus::Pending, _) => {
                Self::Refused(IssuedPermit::resume(permit)?)
            }
            (PermitStatus::Bound, _) => Self::Bound(IssuedPermit::resume(permit)?),
            (PermitStatus::Dispatched, _) => Self::Dispatched(IssuedPermit::resume(permit)?),
            (PermitStatus::Closed, _) => Self::Closed(IssuedPermit::resume(permit)?),
            (PermitStatus::Revoked, _) => Self::Revoked(IssuedPermit::resume(permit)?),
            (PermitStatus::Expired, _) => Self::Expired(IssuedPermit::resume(permit)?),
        })
    }

    /// The permit in the form it is exported in.
    #[must_use]
    pub fn permit(&self) -> &Permit {
        match self {
            Self::Evaluated(permit) => permit.permit(),
            Self::Refused(permit) => permit.permit(),
            Self::Bound(permit) => permit.permit(),
            Self::Dispatched(permit) => permit.permit(),
            Self::Closed(permit) => permit.permit(),
            Self::Revoked(permit) => permit.permit(),
            Self::Expired(permit) => permit.permit(),
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn status(&self) -> PermitStatus {
        match self {
            Self::Evaluated(permit) => permit.status(),
            Self::Refused(permit) => permit.status(),
            Self::Bound(permit) => permit.status(),
            Self::Dispatched(permit) => permit.status(),
            Self::Closed(permit) => permit.status(),
            Self::Revoked(permit) => permit.status(),
            Self::Expired(permit) => permit.status(),
        }
    }
}
