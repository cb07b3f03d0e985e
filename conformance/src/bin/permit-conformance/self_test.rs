// SPDX-License-Identifier: Apache-2.0

//! `permit-conformance self-test`

use permit_conformance::{Cheat, CommandLine, Corpus, self_test};

use crate::{args::SelfTestArgs, output};

pub(crate) fn run(args: &SelfTestArgs) -> Result<u8, String> {
    let corpus = Corpus::open(&args.vectors).map_err(|error| error.to_string())?;
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let words = [program.display().to_string(), "cheat".to_owned()];
    let command = |cheat: Cheat, code: Option<&str>| {
        let mut words = words.to_vec();
        words.push(cheat.as_str().to_owned());
        if let Some(code) = code {
            words.push(format!("--code={code}"));
        }
        CommandLine::of_words(words)
    };
    let caught = self_test(&corpus, &command).map_err(|error| error.to_string())?;
    let mut text = String::new();
    for cheat in Cheat::ALL {
        let of_cheat = caught.iter().filter(|one| one.cheat == *cheat);
        let missed: Vec<_> = of_cheat.clone().filter(|one| !one.caught).collect();
        let categories = of_cheat.count();
        text.push_str(&format!(
            "{cheat:<22} caught in {} of {categories} categories\n",
            categories - missed.len()
        ));
        for one in missed {
            text.push_str(&format!(
                "  not in {}: right in {} of {} cases\n",
                one.category, one.fooled, one.cases
            ));
        }
    }
    output::print(&text)?;
    Ok(u8::from(caught.iter().any(|one| !one.caught)))
}
