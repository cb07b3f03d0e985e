// SPDX-License-Identifier: Apache-2.0

//! A framework: what it is, which controls are mapped, and which are not.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::control::{Control, NonMapping};

macro_rules! frameworks {
    ($($(#[doc = $docs:literal])+ $variant:ident = $id:literal;)+) => {
        /// The frameworks of this mapping. The list is closed.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum FrameworkId {
            $($(#[doc = $docs])+ #[serde(rename = $id)] $variant,)+
        }

        impl FrameworkId {
            /// All frameworks.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The id, which is also the name of the file.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $id,)+
                }
            }

            /// The file that says everything about it.
            pub(crate) const fn file(self) -> &'static str {
                match self {
                    $(Self::$variant => include_str!(concat!("../frameworks/", $id, ".json")),)+
                }
            }
        }
    };
}

frameworks! {
    /// California's privacy act.
    Ccpa = "ccpa";
    /// California's regulations on automated decisions.
    CppaAdmt = "cppa_admt_regs";
    /// The European regulation on artificial intelligence.
    EuAiAct = "eu_ai_act";
    /// The European regulation on data protection.
    Gdpr = "gdpr";
    /// SOC 2.
    Soc2 = "soc2";
    /// NIST's framework for risks of AI.
    NistAiRmf = "nist_ai_rmf";
    /// ISO/IEC 42001.
    Iso42001 = "iso_42001";
    /// OWASP's ten risks of applications with language models.
    OwaspLlm = "owasp_llm_2025";
    /// MITRE's techniques against AI.
    MitreAtlas = "mitre_atlas";
    /// OWASP's ten risks of APIs.
    OwaspApi = "owasp_api_top_10_2023";
    /// `FedRAMP`.
    Fedramp = "fedramp";
    /// The controls of the Center for Internet Security.
    CisControls = "cis_controls";
    /// The standard of the payment card industry.
    PciDss = "pci_dss";
    /// OWASP's standard for verifying applications.
    OwaspAsvs = "owasp_asvs";
}

impl FrameworkId {
    /// The framework of this id; case counts.
    ///
    /// ```
    /// use permit_mappings::FrameworkId;
    ///
    /// assert_eq!(FrameworkId::parse("soc2"), Some(FrameworkId::Soc2));
    /// assert_eq!(FrameworkId::parse("SOC2"), None);
    /// ```
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|framework| framework.as_str() == id)
    }
}

impl fmt::Display for FrameworkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How the citations of a framework were checked by the published mapping, whose facts these are.
/// Nobody checked them again here (MAP-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum CitationCheck {
    /// Against the official text.
    Verified,
    /// Against several public summaries that agree.
    Corroborated,
}

impl CitationCheck {
    /// The word in the files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Corroborated => "corroborated",
        }
    }
}

/// One framework. Closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(deny_unknown_fields))]
pub struct Framework {
    /// Which one.
    pub framework: FrameworkId,
    /// Its name.
    pub name: String,
    /// Who publishes it.
    pub publisher: String,
    /// The version that is cited, and from when on it applies.
    pub version: String,
    /// How its citations were checked by the published mapping.
    pub verification: CitationCheck,
    /// Anything else to know about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// The disclaimers that go with every text about it, by id.
    pub disclaimers: Vec<String>,
    /// What no evidence here shows about it.
    pub does_not_show: Vec<String>,
    /// The controls that evidence supports.
    pub controls: Vec<Control>,
    /// The controls and subjects that are left out on purpose (MAP-03).
    pub non_mappings: Vec<NonMapping>,
}
