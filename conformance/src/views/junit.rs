// SPDX-License-Identifier: Apache-2.0

//! A report as `JUnit` XML, for continuous integration.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::conformance_report::{CaseState, ConformanceReport, VectorReport};

/// A report as `JUnit` XML: a suite for each category.
///
/// # Errors
/// If a text has no form in XML.
pub fn junit_text(report: &ConformanceReport) -> Result<String, String> {
    let mut junit = Report::new(format!("{}, {}", report.title(), report.citation()));
    junit.set_time(Duration::from_millis(report.runner.duration_ms));
    for vector in &report.vectors {
        let case = case_of(vector);
        let suites = &mut junit.test_suites;
        match suites.iter_mut().find(|suite| suite.name.as_str() == vector.category()) {
            Some(suite) => {
                suite.add_test_case(case);
            }
            None => {
                let mut suite = TestSuite::new(vector.category());
                suite.add_test_case(case);
                junit.add_test_suite(suite);
            }
        }
    }
    junit.to_string().map_err(|error| error.to_string())
}

fn case_of(vector: &VectorReport) -> TestCase {
    let failed = |kind, kind_name: &str| {
        let mut status = TestCaseStatus::non_success(kind);
        status.set_message(vector.notes.clone()).set_type(kind_name);
        status
    };
    let status = match vector.state {
        CaseState::Passed => TestCaseStatus::success(),
        CaseState::Failed | CaseState::UnexpectedPass => {
            failed(NonSuccessKind::Failure, vector.state.as_str())
        }
        CaseState::Errored => failed(NonSuccessKind::Error, vector.state.as_str()),
        CaseState::Skipped | CaseState::ExpectedFailure => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(vector.notes.clone()).set_type(vector.state.as_str());
            status
        }
    };
    let name = vector.test_vector_id.split_once('/').map_or("", |(_, name)| name);
    let mut case = TestCase::new(name, status);
    case.set_classname(vector.category()).set_time(Duration::from_millis(vector.duration_ms));
    case
}
