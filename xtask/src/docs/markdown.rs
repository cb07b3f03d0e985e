// SPDX-License-Identifier: Apache-2.0

//! Tables and code in Markdown.

use permit_canonical_json::Value;
use permit_claims::to_pretty_text;

/// A table.
pub(crate) struct Table {
    text: String,
}

impl Table {
    /// A table with these heads and no rows.
    pub(crate) fn new<const N: usize>(heads: [&str; N]) -> Self {
        let mut table = Self { text: String::new() };
        table.push(heads.iter().copied());
        table.push(heads.iter().map(|_| "---"));
        table
    }

    /// Adds a row; bars and ends of lines in cells are taken care of.
    pub(crate) fn row<const N: usize>(&mut self, cells: [&str; N]) {
        self.push(cells.iter().copied());
    }

    fn push<'c>(&mut self, cells: impl Iterator<Item = &'c str>) {
        self.text.push('|');
        for cell in cells {
            let cell = cell.replace('|', "\\|").replace('\n', " ");
            let cell = if cell.is_empty() { "–".to_owned() } else { cell };
            self.text.push_str(&format!(" {cell} |"));
        }
        self.text.push('\n');
    }

    /// The table as text.
    pub(crate) fn finish(self) -> String {
        self.text
    }
}

/// A text as code.
pub(crate) fn code(text: &str) -> String {
    format!("`{text}`")
}

/// Texts as code, one after the other.
pub(crate) fn codes<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    texts.into_iter().map(code).collect::<Vec<_>>().join(", ")
}

/// A fenced block.
pub(crate) fn fenced(language: &str, text: &str) -> String {
    format!("```{language}\n{}\n```\n", text.trim_end())
}

/// A value, spread over lines.
pub(crate) fn json(value: &Value<'_>) -> String {
    fenced("json", &to_pretty_text(value))
}

/// A table that says what is what.
pub(crate) fn facts<const N: usize>(facts: [(&str, &str); N]) -> String {
    let mut table = Table::new(["What", "Value"]);
    for (what, value) in facts {
        table.row([what, &code(value)]);
    }
    table.finish()
}
