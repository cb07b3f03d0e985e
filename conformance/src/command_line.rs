// SPDX-License-Identifier: Apache-2.0

//! A foreign command, as the caller writes it.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

/// A command: a program and its arguments, split as a shell splits them, but run without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    program: PathBuf,
    arguments: Vec<String>,
    text: String,
    variables: Vec<(OsString, OsString)>,
}

/// Why a command cannot be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommandLineError {
    /// There is nothing in it.
    #[error("the command is empty")]
    Empty,
    /// A quotation mark is open.
    #[error("the command `{0}` cannot be split into words: a quotation mark is left open")]
    Unbalanced(String),
    /// There is no such program.
    #[error("the program `{0}` is not found: give its path, or put it on PATH")]
    NoProgram(String),
    /// A variable that is to be handed on is not set.
    #[error("the variable `{0}` is not set")]
    NoVariable(String),
}

impl CommandLine {
    /// Splits a command into words and finds its program.
    ///
    /// Words that name files from here are made whole, since the command runs in another folder.
    ///
    /// # Errors
    /// If it is empty, cannot be split, or there is no such program.
    pub fn parse(text: &str) -> Result<Self, CommandLineError> {
        let words =
            shlex::split(text).ok_or_else(|| CommandLineError::Unbalanced(text.to_owned()))?;
        let mut words = words.into_iter();
        let program =
            words.next().filter(|word| !word.is_empty()).ok_or(CommandLineError::Empty)?;
        let found = find(&program).ok_or(CommandLineError::NoProgram(program))?;
        let arguments = words.map(whole).collect();
        Ok(Self { program: found, arguments, text: text.to_owned(), variables: Vec::new() })
    }

    /// The command of a program and its arguments, which are taken as they are.
    #[must_use]
    pub fn of_words(words: Vec<String>) -> Self {
        let text = words.join(" ");
        let mut words = words.into_iter();
        let program = PathBuf::from(words.next().unwrap_or_default());
        Self { program, arguments: words.collect(), text, variables: Vec::new() }
    }

    /// The same, with variables of this process's environment. It sees no others.
    ///
    /// # Errors
    /// If one is not set.
    pub fn with_variables(mut self, names: &[String]) -> Result<Self, CommandLineError> {
        for name in names {
            let value =
                env::var_os(name).ok_or_else(|| CommandLineError::NoVariable(name.clone()))?;
            self.variables.push((name.into(), value));
        }
        Ok(self)
    }

    /// The command as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The name of the program, without its folder.
    #[must_use]
    pub fn program_name(&self) -> String {
        self.program.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The arguments.
    #[must_use]
    pub fn arguments(&self) -> &[String] {
        &self.arguments
    }

    /// The command, ready to be run in a folder, with nothing of this process's environment.
    pub(crate) fn to_command(&self, folder: &Path) -> Command {
        let mut command = self.to_bare_command(folder);
        command.args(&self.arguments);
        command
    }

    /// The same, without arguments.
    pub(crate) fn to_bare_command(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(folder).env_clear().envs(self.variables.iter().cloned());
        command
    }
}

/// The program of this name: where it says, or on the path.
fn find(program: &str) -> Option<PathBuf> {
    if program.contains(['/', '\\']) {
        let path = Path::new(program);
        // Where the program is a link, its name may matter to it: the link stays.
        return std::path::absolute(path).ok().filter(|_| path.is_file());
    }
    let path = env::var_os("PATH")?;
    let endings = ["", env::consts::EXE_SUFFIX];
    env::split_paths(&path)
        .flat_map(|folder| endings.map(|ending| folder.join(format!("{program}{ending}"))))
        .find(|candidate| candidate.is_file())
}

/// A word that names something from here, with its whole path.
fn whole(word: String) -> String {
    let path = Path::new(&word);
    let names_something = word.contains(['/', '\\', '.']) && path.is_relative() && path.exists();
    match std::path::absolute(path) {
        Ok(absolute) if names_something => absolute.display().to_string(),
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_split_as_a_shell_splits_them() {
        let program = env::current_exe().unwrap();
        let program = program.display();
        let command = CommandLine::parse(&format!("'{program}' a 'b c' --d=\"e f\"")).unwrap();
        assert_eq!(command.arguments(), ["a", "b c", "--d=e f"]);
        assert_eq!(CommandLine::parse(""), Err(CommandLineError::Empty));
        assert!(matches!(CommandLine::parse("a 'b"), Err(CommandLineError::Unbalanced(_))));
        assert!(matches!(
            CommandLine::parse("no-such-program-anywhere x"),
            Err(CommandLineError::NoProgram(_))
        ));
    }

    #[test]
    fn files_from_here_are_named_whole() {
        assert!(Path::new(&whole("src/lib.rs".into())).is_absolute());
        for word in ["{export}", "--json", "src/no-such-file", "src"] {
            assert_eq!(whole(word.into()), word);
        }
    }
}
