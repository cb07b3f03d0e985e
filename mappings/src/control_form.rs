// SPDX-License-Identifier: Apache-2.0

//! How frameworks write their controls.

use crate::framework::FrameworkId as F;

/// Whether an id is written as the framework writes its controls. California's provisions have
/// their code or title before them (MAP-07), those of ASVS their version (MAP-06).
///
/// ```
/// use permit_mappings::{FrameworkId, is_control_id};
///
/// assert!(is_control_id(FrameworkId::Soc2, "CC7.2"));
/// assert!(!is_control_id(FrameworkId::Soc2, "CC7.2 (monitoring)"));
/// assert!(!is_control_id(FrameworkId::OwaspAsvs, "V4"));
/// ```
#[must_use]
pub fn is_control_id(framework: F, id: &str) -> bool {
    let after = |prefix| id.strip_prefix(prefix);
    match framework {
        F::Ccpa => after("Civil Code §1798.").is_some_and(is_section),
        F::CppaAdmt => after("11 CCR §").is_some_and(is_section),
        F::EuAiAct | F::Gdpr => after("Art. ").is_some_and(is_section),
        F::Soc2 => after("CC").is_some_and(|rest| {
            let mut parts = rest.split('.');
            parts.clone().count() <= 2 && parts.all(is_number)
        }),
        F::NistAiRmf => id.split_once(' ').is_some_and(|(function, number)| {
            ["GOVERN", "MAP", "MEASURE", "MANAGE"].contains(&function)
                && number.split_once('.').is_some_and(|(a, b)| is_number(a) && is_number(b))
        }),
        F::Iso42001 => {
            after("Clause ").is_some_and(is_number)
                || after("A.").is_some_and(|rest| rest.split('.').all(is_number))
        }
        F::OwaspLlm => {
            let number = after("LLM").and_then(|rest| rest.strip_suffix(":2025"));
            number.is_some_and(|number| number.len() == 2 && is_number(number))
        }
        F::MitreAtlas => after("AML.TA").or_else(|| after("AML.T")).is_some_and(|number| {
            let mut parts = number.split('.');
            parts.clone().count() <= 2 && parts.all(is_number) && number.len() >= 4
        }),
        F::OwaspApi => {
            after("API").and_then(|rest| rest.strip_suffix(":2023")).is_some_and(is_number)
        }
        F::Fedramp => id.split_once('-').is_some_and(|(family, number)| {
            family.len() == 2
                && family.bytes().all(|byte| byte.is_ascii_uppercase())
                && is_section(number)
        }),
        F::CisControls => after("Control ").is_some_and(is_number),
        F::PciDss => after("Requirement ").is_some_and(is_number),
        F::OwaspAsvs => after("v5.0.0-V").is_some_and(is_number),
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number and any number of parts in brackets: `7152(a)(3)(G)(ii)`.
fn is_section(text: &str) -> bool {
    let end = text.find('(').unwrap_or(text.len());
    let (number, brackets) = (text.get(..end), text.get(end..));
    let in_brackets = |part: &str| {
        part.strip_suffix(')').is_some_and(|inner| {
            !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
    };
    number.is_some_and(is_number)
        && brackets.is_some_and(|brackets| brackets.split('(').skip(1).all(in_brackets))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn map_06_07_ids_are_whole_citations() {
        for (framework, good, bad) in [
            (F::Ccpa, "Civil Code §1798.130(a)(2)", "§1798.130(a)(2)"),
            (F::CppaAdmt, "11 CCR §7152(a)(3)(G)(ii)", "7152(a)"),
            (F::CppaAdmt, "11 CCR §7155(a)", "11 CCR §7152(a) + §7155(a)"),
            (F::EuAiAct, "Art. 26(6)", "Article 26(6)"),
            (F::Gdpr, "Art. 17(3)(b)", "Art. 17(3"),
            (F::Soc2, "CC9", "CC9."),
            (F::NistAiRmf, "MEASURE 2.11", "MEASURE 2"),
            (F::Iso42001, "A.6.2.8", "A.6.2.x"),
            (F::Iso42001, "Clause 10", "Clause A"),
            (F::OwaspLlm, "LLM01:2025", "LLM1:2025"),
            (F::MitreAtlas, "AML.TA0008", "AML.0008"),
            (F::OwaspApi, "API10:2023", "API10"),
            (F::Fedramp, "AU-9(2)", "AU9(2)"),
            (F::CisControls, "Control 8", "Control 8.1"),
            (F::PciDss, "Requirement 10", "10"),
            (F::OwaspAsvs, "v5.0.0-V4", "v4.0.3-V4"),
        ] {
            assert!(is_control_id(framework, good), "{good}");
            assert!(!is_control_id(framework, bad), "{bad}");
            assert!(!is_control_id(framework, ""));
            assert!(!is_control_id(framework, &format!("{good} ")));
        }
    }
}
