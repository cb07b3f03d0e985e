// SPDX-License-Identifier: Apache-2.0

//! Ids of rules in names and texts.
//!
//! ```text
//! CHAIN-08, CHAIN-07..09            in texts; CHAIN-05, -07 and CHAIN-05 to -09 go on with the same word
//! chain_08_every_link_is_compared   in names; chain_05_06_amb_17_… has three
//! ```

/// The ids in a text, with these words before the number, each time they come.
pub(super) fn in_text(text: &str, prefixes: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for prefix in prefixes {
        for (start, _) in text.match_indices(prefix) {
            let (before, after) = (text.get(..start), text.get(start + prefix.len()..));
            let word_goes_on = before.and_then(|text| text.chars().next_back());
            if word_goes_on.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')) {
                continue;
            }
            let Some(rest) = after.and_then(|after| after.strip_prefix('-')) else { continue };
            let Some((mut first, mut rest)) = number(rest) else { continue };
            let cite = |number: u32| format!("{prefix}-{number:02}");
            found.push(cite(first));
            loop {
                let range = rest.strip_prefix("..").or_else(|| rest.strip_prefix(" to -"));
                if let Some((last, behind)) = range.and_then(number) {
                    found.extend((first.saturating_add(1)..=last).map(cite));
                    (first, rest) = (last, behind);
                } else if let Some((next, behind)) = rest.strip_prefix(", -").and_then(number) {
                    found.push(cite(next));
                    (first, rest) = (next, behind);
                } else {
                    break;
                }
            }
        }
    }
    found
}

/// The ids in the name of a function.
pub(super) fn in_name(name: &str, prefixes: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut prefix: Option<&str> = None;
    for word in name.split('_') {
        if let Some((number, "")) = number(word) {
            found.extend(prefix.map(|prefix| format!("{prefix}-{number:02}")));
        } else {
            prefix = prefixes.iter().copied().find(|prefix| prefix.eq_ignore_ascii_case(word));
        }
    }
    found
}

/// Two digits and what stands behind them, which is no third.
fn number(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = text.split_at_checked(2)?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let goes_on = rest.starts_with(|c: char| c.is_ascii_alphanumeric());
    if is_number && !goes_on { Some((digits.parse().ok()?, rest)) } else { None }
}

/// Whether a word stands in a text by itself.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    word_places(text, word).next().is_some()
}

/// Where a word stands in a text by itself.
pub(super) fn word_places<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = usize> + 't {
    let places = text.match_indices(word).map(|(start, _)| start);
    places.filter(|start| {
        let before = text.get(..*start).and_then(|text| text.chars().next_back());
        let after = text.get(start + word.len()..).and_then(|text| text.chars().next());
        let is_part = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
        !is_part(before) && !is_part(after)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PREFIXES: [&str; 3] = ["AMB", "CHAIN", "SEM"];

    #[test]
    fn texts_cite_by_id_and_by_range() {
        let text =
            "CHAIN-08 (CHAIN-11..13), `SEM-04`; PCHAIN-01 CHAIN-100 CHAIN-1 CHAIN_01 X-CHAIN-02";
        let found = in_text(text, &PREFIXES);
        assert_eq!(found, ["CHAIN-08", "CHAIN-11", "CHAIN-12", "CHAIN-13", "SEM-04"]);
        let found = in_text("CHAIN-01, -03, -05 to -07, SEM-04, 12 entries", &PREFIXES);
        let chain = ["CHAIN-01", "CHAIN-03", "CHAIN-05", "CHAIN-06", "CHAIN-07"];
        assert_eq!(found, [&chain[..], &["SEM-04"]].concat());
    }

    #[test]
    fn names_cite_by_word_and_numbers() {
        let cited = |name| in_name(name, &PREFIXES);
        assert_eq!(cited("chain_05_06_amb_17_times"), ["CHAIN-05", "CHAIN-06", "AMB-17"]);
        assert_eq!(cited("the_chain_has_08_entries"), Vec::<String>::new());
        assert_eq!(cited("chain_8_x"), Vec::<String>::new());
        assert_eq!(cited("pchain_01_x"), Vec::<String>::new());
    }

    #[test]
    fn words_stand_by_themselves() {
        assert!(has_word("a \"CODE_X\",", "CODE_X"));
        assert!(!has_word("CODE_X_Y MY_CODE_X", "CODE_X"));
    }
}
