// SPDX-License-Identifier: Apache-2.0

//! The whole mapping, read strictly and checked before anybody uses it.

use std::collections::BTreeSet;

use permit_canonical_json::{Budget, from_value, read_text};
use permit_claims::Claim;
use serde::de::DeserializeOwned;

use crate::{
    control_form::is_control_id,
    disclaimer::{Disclaimer, DisclaimerList},
    evidence_artifact::{ArtifactList, EvidenceArtifact},
    framework::{Framework, FrameworkId},
    mapping_error::MappingError,
};

/// Fourteen frameworks, the artifacts that they name, and the disclaimers that go with them.
///
/// ```
/// use permit_mappings::{FrameworkId, Mappings};
///
/// let mappings = Mappings::built_in()?;
/// let soc2 = mappings.framework(FrameworkId::Soc2).unwrap();
/// assert!(soc2.controls.iter().any(|control| control.control == "CC7.2"));
/// # Ok::<(), permit_mappings::MappingError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mappings {
    frameworks: Vec<Framework>,
    artifacts: Vec<EvidenceArtifact>,
    disclaimers: Vec<Disclaimer>,
}

impl Mappings {
    /// The mapping that this crate carries.
    ///
    /// # Errors
    /// Never in a released crate: its tests read it.
    pub fn built_in() -> Result<Self, MappingError> {
        let frameworks = FrameworkId::ALL.iter().map(|id| (*id, id.file()));
        let artifacts = include_str!("../artifacts.json");
        Self::read(frameworks, artifacts, include_str!("../disclaimers.json"))
    }

    /// A mapping from the texts of its files.
    ///
    /// # Errors
    /// If a file cannot be read, or if they do not fit together.
    pub fn read<'t>(
        frameworks: impl IntoIterator<Item = (FrameworkId, &'t str)>,
        artifacts: &str,
        disclaimers: &str,
    ) -> Result<Self, MappingError> {
        let ArtifactList { artifacts } = file("artifacts", artifacts)?;
        let DisclaimerList { disclaimers } = file("disclaimers", disclaimers)?;
        let mut mappings = Self { frameworks: Vec::new(), artifacts, disclaimers };
        mappings.check_lists()?;
        for (id, text) in frameworks {
            let framework: Framework = file(id.as_str(), text)?;
            if framework.framework != id {
                return Err(MappingError::OtherFramework { file: id, found: framework.framework });
            }
            mappings.check_framework(&framework)?;
            mappings.frameworks.push(framework);
        }
        let ids = mappings.frameworks.iter().map(|framework| framework.framework.as_str());
        no_twice("frameworks", ids)?;
        Ok(mappings)
    }

    /// The frameworks.
    #[must_use]
    pub fn frameworks(&self) -> &[Framework] {
        &self.frameworks
    }

    /// One framework.
    #[must_use]
    pub fn framework(&self, id: FrameworkId) -> Option<&Framework> {
        self.frameworks.iter().find(|framework| framework.framework == id)
    }

    /// The artifacts.
    #[must_use]
    pub fn artifacts(&self) -> &[EvidenceArtifact] {
        &self.artifacts
    }

    /// One artifact.
    #[must_use]
    pub fn artifact(&self, id: &str) -> Option<&EvidenceArtifact> {
        self.artifacts.iter().find(|artifact| artifact.artifact == id)
    }

    /// The disclaimers of a framework.
    pub fn disclaimers_of<'m>(
        &'m self,
        framework: &'m Framework,
    ) -> impl Iterator<Item = &'m Disclaimer> {
        let named = |disclaimer: &&Disclaimer| framework.disclaimers.contains(&disclaimer.id);
        self.disclaimers.iter().filter(named)
    }

    /// All disclaimers.
    #[must_use]
    pub fn disclaimers(&self) -> &[Disclaimer] {
        &self.disclaimers
    }

    fn check_lists(&self) -> Result<(), MappingError> {
        no_twice("artifacts", self.artifacts.iter().map(|artifact| artifact.artifact.as_str()))?;
        no_twice("disclaimers", self.disclaimers.iter().map(|one| one.id.as_str()))?;
        for artifact in &self.artifacts {
            for claim in &artifact.claims {
                if Claim::parse(claim).is_none() {
                    return Err(unknown(&artifact.artifact, "claim", claim));
                }
            }
        }
        Ok(())
    }

    fn check_framework(&self, framework: &Framework) -> Result<(), MappingError> {
        let id = framework.framework;
        let missing = |what: &str| MappingError::Missing { framework: id, what: what.to_owned() };
        if framework.version.is_empty() || framework.name.is_empty() {
            return Err(missing("it has no name or no version"));
        }
        if framework.disclaimers.is_empty() || framework.does_not_show.is_empty() {
            return Err(missing("it has no disclaimer, or does not say what is not shown"));
        }
        for disclaimer in &framework.disclaimers {
            if !self.disclaimers.iter().any(|one| one.id == *disclaimer) {
                return Err(unknown(id.as_str(), "disclaimer", disclaimer));
            }
        }
        let mapped = framework.controls.iter().map(|control| control.control.as_str());
        no_twice(&format!("the controls of {id}"), mapped.clone())?;
        let left_out = framework.non_mappings.iter().flat_map(|one| &one.controls);
        let left_out = left_out.map(String::as_str);
        no_twice(&format!("what is not mapped of {id}"), left_out.clone())?;
        for control in mapped.clone().chain(left_out.clone()) {
            if !is_control_id(id, control) {
                let control = control.to_owned();
                return Err(MappingError::ControlForm { framework: id, control });
            }
        }
        if let Some(control) = left_out.clone().find(|id| mapped.clone().any(|other| other == *id))
        {
            let control = control.to_owned();
            return Err(MappingError::MappedAndNot { framework: id, control });
        }
        for one in &framework.non_mappings {
            if one.controls.is_empty() == one.subject.is_none() {
                return Err(missing("what is not mapped is either controls or a subject"));
            }
        }
        self.check_evidence(framework)
    }

    fn check_evidence(&self, framework: &Framework) -> Result<(), MappingError> {
        let id = framework.framework;
        for control in &framework.controls {
            let missing = |what| {
                let what = format!("`{}` {what}", control.control);
                MappingError::Missing { framework: id, what }
            };
            if control.evidence.is_empty() || control.rationale.is_empty() {
                return Err(missing("has no evidence or no rationale"));
            }
            for evidence in &control.evidence {
                if evidence.artifact.is_none() == evidence.permit_fields.is_empty() {
                    return Err(missing("has evidence that is not either fields or an artifact"));
                }
                if let Some(artifact) = &evidence.artifact
                    && self.artifact(artifact).is_none()
                {
                    return Err(unknown(id.as_str(), "artifact", artifact));
                }
            }
            let labels: Vec<String> = control.evidence.iter().map(|one| one.label()).collect();
            no_twice(&control.control, labels.iter().map(String::as_str))?;
        }
        Ok(())
    }
}

fn file<T: DeserializeOwned>(about: &str, text: &str) -> Result<T, MappingError> {
    let file = || about.to_owned();
    let value = read_text(text, &Budget::default())
        .map_err(|error| MappingError::Unreadable { file: file(), error })?;
    from_value(&value).map_err(|error| MappingError::Shape { file: file(), error })
}

fn no_twice<'i>(list: &str, ids: impl Iterator<Item = &'i str>) -> Result<(), MappingError> {
    let mut seen = BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(MappingError::Twice { list: list.to_owned(), id: id.to_owned() });
        }
    }
    Ok(())
}

fn unknown(framework: &str, what: &'static str, name: &str) -> MappingError {
    MappingError::Unknown { framework: framework.to_owned(), what, name: name.to_owned() }
}
