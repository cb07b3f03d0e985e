// SPDX-License-Identifier: Apache-2.0

//! Reports as others want to see them.

mod badge;
mod html;
mod junit;
mod markdown;
mod report_diff;

pub use badge::badge_text;
pub use html::html_text;
pub use junit::junit_text;
pub use markdown::markdown_text;
pub use report_diff::ReportDiff;
