//! Edits a text in an external editor, through a file.
//!
//! Owns: the file, private to the user and gone afterwards. Must not: touch the terminal's modes; the caller stops the
//! reader, suspends the guard, and does the reverse after it.
//! Invariants: after a failure the caller still has the text; no shell runs.

use std::io;
use std::process::ExitStatus;

use tokio::process::Command;

/// The longest text that is read back, in bytes.
pub const MAX_TEXT: u64 = 1024 * 1024;

/// Why the text was not changed.
#[derive(Debug, thiserror::Error)]
pub enum EditorError {
    /// Neither variable is set.
    #[error("no editor is set; your text is unchanged; set VISUAL or EDITOR, for example EDITOR=nano")]
    NotSet,
    /// The variable cannot be split into words.
    #[error(
        "the editor “{0}” has a quote that is not closed; your text is unchanged; correct VISUAL or EDITOR"
    )]
    Quotes(String),
    /// The program could not be started.
    #[error(
        "the editor “{program}” did not start: {source}; your text is unchanged; check VISUAL and EDITOR"
    )]
    Start { program: String, source: io::Error },
    /// The editor failed, which is also a way to cancel the edit.
    #[error("the editor ended with {0}; your text is unchanged")]
    Failed(ExitStatus),
    /// The edited file has another encoding.
    #[error("the edited text is not UTF-8; your text is unchanged; save it as UTF-8")]
    NotUtf8,
    /// The edited file is too large.
    #[error(
        "the edited text has {size} bytes, more than {MAX_TEXT}; your text is unchanged; make it shorter"
    )]
    TooLarge {
        /// Its size in bytes.
        size: u64,
    },
    /// The file could not be written or read.
    #[error("the text could not be handed to the editor: {0}; your text is unchanged")]
    File(#[from] io::Error),
}

/// The editor to run, from `VISUAL`, then `EDITOR`, read through `env`: a program and its arguments.
///
/// # Errors
/// [`EditorError::NotSet`] and [`EditorError::Quotes`].
pub fn command(env: impl Fn(&str) -> Option<String>) -> Result<Vec<String>, EditorError> {
    ["VISUAL", "EDITOR"]
        .into_iter()
        .filter_map(env)
        .find(|value| !value.trim().is_empty())
        .ok_or(EditorError::NotSet)
        .and_then(|value| split(&value).ok_or(EditorError::Quotes(value)))
}

/// Splits at blanks; `'…'` and `"…"` keep blanks, `\` keeps the next character. `None` when a quote is left open.
fn split(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') => word.get_or_insert_default().push(chars.next()?),
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

/// Lets the person edit `text` with `command`, and returns what was saved. One line break at the end, which editors
/// add, is taken off unless `text` had it.
///
/// # Errors
/// Every [`EditorError`] except the two of [`command`]; the caller's text is unchanged.
pub async fn edit(text: &str, command: &[String]) -> Result<String, EditorError> {
    let (program, arguments) = command.split_first().ok_or(EditorError::NotSet)?;
    // The folder is 0700 and its name is random, so nobody else reads the draft or puts a link in its place; backup
    // files of the editor go with it.
    let folder = tempfile::Builder::new().prefix("deskline-").tempdir()?;
    let path = folder.path().join("message.txt");
    let mut options = tokio::fs::OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(&path).await?;
    tokio::io::AsyncWriteExt::write_all(&mut file, text.as_bytes()).await?;
    tokio::io::AsyncWriteExt::flush(&mut file).await?;
    drop(file);

    let status = Command::new(program)
        .args(arguments)
        .arg(&path)
        .status()
        .await
        .map_err(|source| EditorError::Start { program: program.clone(), source })?;
    if !status.success() {
        return Err(EditorError::Failed(status));
    }
    let size = tokio::fs::metadata(&path).await?.len();
    if size > MAX_TEXT {
        return Err(EditorError::TooLarge { size });
    }
    let mut edited = String::from_utf8(tokio::fs::read(&path).await?).map_err(|_| EditorError::NotUtf8)?;
    if edited.ends_with('\n') && !text.ends_with('\n') {
        edited.pop();
        if edited.ends_with('\r') {
            edited.pop();
        }
    }
    Ok(edited)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Vec<String> {
        ["sh", "-c", script, "editor"].map(str::to_owned).to_vec()
    }

    #[test]
    fn visual_comes_before_editor_and_blank_counts_as_not_set() {
        let env = |pairs: &'static [(&str, &str)]| {
            move |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        assert_eq!(command(env(&[("EDITOR", "nano"), ("VISUAL", "code -w")])).unwrap(), ["code", "-w"]);
        assert_eq!(command(env(&[("EDITOR", "nano"), ("VISUAL", " ")])).unwrap(), ["nano"]);
        assert!(matches!(command(env(&[])), Err(EditorError::NotSet)));
        assert!(matches!(command(env(&[("EDITOR", "a 'b")])), Err(EditorError::Quotes(_))));
    }

    #[test]
    fn words_keep_their_quotes_together_and_nothing_is_expanded() {
        let words = split(r#"'/opt/my editor' -c "set \"x\"" a\ b '' $HOME;rm"#).unwrap();
        assert_eq!(words, ["/opt/my editor", "-c", r#"set "x""#, "a b", "", "$HOME;rm"]);
        assert_eq!(split("a \"b"), None);
        assert_eq!(split("a\\"), None);
    }

    #[tokio::test]
    async fn saved_text_is_returned_and_the_private_file_removed() {
        let told = tempfile::tempdir().unwrap();
        let note = told.path().join("note");
        let script = format!(
            "ls -ld \"$1\" | cut -c1-10 > {note}; echo \"$1\" >> {note}; printf 'Hola\\n' >> \"$1\"",
            note = note.display()
        );
        assert_eq!(edit("Buenas: ", &shell(&script)).await.unwrap(), "Buenas: Hola");
        let note = std::fs::read_to_string(&note).unwrap();
        let mut lines = note.lines();
        assert_eq!(lines.next(), Some("-rw-------"));
        assert!(!std::path::Path::new(lines.next().unwrap()).exists());
    }

    #[tokio::test]
    async fn a_line_break_that_was_there_stays() {
        assert_eq!(edit("a\n", &shell("true")).await.unwrap(), "a\n");
    }

    #[tokio::test]
    async fn each_failure_says_that_the_text_is_unchanged() {
        let missing = vec!["/no/such/editor".to_owned()];
        let cases = [
            (edit("a", &missing).await, "did not start"),
            (edit("a", &shell("exit 3")).await, "exit status: 3"),
            (edit("a", &shell("printf '\\377' > \"$1\"")).await, "not UTF-8"),
            (edit("a", &shell("head -c 1048577 /dev/zero > \"$1\"")).await, "1048577"),
            (edit("a", &shell("rm \"$1\"")).await, "could not be handed"),
        ];
        for (result, words) in cases {
            let told = result.unwrap_err().to_string();
            assert!(told.contains(words) && told.contains("your text is unchanged"), "{told}");
        }
    }
}
