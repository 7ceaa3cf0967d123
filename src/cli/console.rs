//! Starts the console, the monitor and the demo.

use super::common::{block_on, print_diagnostic};
use super::connection::{self, ConnectionArgs};
use super::error::CliError;
use crate::app::core::keymap::Keymap;
use crate::app::core::settings::Settings;
use crate::config::load::LoadedConfig;
use crate::config::options;
use crate::config::paths::{Paths, private_dir};
use crate::config::schema::{Colors, Config, Keys};
use crate::config::{ConfigError, Problem, changes};
use crate::runtime::console::{self, ConsoleOptions, Edited, Edits, Exit};
use crate::runtime::demo;
use crate::store::drafts::Drafts;
use crate::term::caps::{Caps, ColorDepth, NOT_UTF8};
use crate::ui::{Look, Theme};
use crate::{runtime, telemetry, term};
use std::path::Path;
use std::time::Duration;

/// Runs the agent's console.
pub(super) fn run(loaded: &LoadedConfig, args: ConnectionArgs) -> Result<(), CliError> {
    require_terminal()?;
    let (settings, theme) = (settings(loaded)?, theme(loaded)?);
    let config = args.apply_to(&loaded.config.console);
    let connection = connection::settings(&config)?;
    let mut warnings = Vec::new();
    let paths = Paths::find().map_err(|error| CliError::Usage(error.to_string()))?;
    let log_file = config.log_file.clone().unwrap_or_else(|| paths.log_file());
    let _log = private_dir(paths.state_dir())
        .map_err(|error| error.to_string())
        .and_then(|()| {
            telemetry::start(&log_file, &config.log_level, loaded.config.privacy.in_logs(&config))
                .map_err(|e| e.to_string())
        })
        .map_err(|error| warnings.push(error))
        .ok();
    let drafts = Drafts::open(&paths.console_db(), &config.url, &connection.user)
        .map_err(|error| warnings.push(error.to_string()))
        .ok();
    term::guard::install_panic_hook();
    let (edits, hints) = (Some(edits(loaded, &paths)), Vec::new());
    let start = ConsoleOptions { connection, settings, config, theme, edits, drafts, hints, warnings };
    exit_result(block_on(console::run(start))?)
}

/// The files whose edits are applied, and how they are read.
fn edits(loaded: &LoadedConfig, paths: &Paths) -> Edits {
    let path = loaded.path.clone().unwrap_or_else(|| paths.config_file());
    let started = loaded.table.clone();
    let file = path.clone();
    let read = move || {
        let refused = |error: ConfigError| edit_problem(&error);
        let loaded = Config::load(Some(&file)).map_err(refused)?;
        // The full path would fill the notice.
        let (whole, name) = (file.display().to_string(), file.file_name().unwrap_or_default());
        let wrong =
            |error: CliError| edit_refused(&error.to_string().replace(&whole, &name.to_string_lossy()));
        Ok(Edited {
            settings: settings(&loaded).map_err(wrong)?,
            theme: theme(&loaded).map_err(wrong)?,
            restart: changes::console(&started, &loaded.table),
            config: loaded.config.console,
        })
    };
    Edits { path, read: Box::new(read) }
}

/// Why an edit is refused, in one line: the first problem, and how many there are.
fn edit_problem(error: &ConfigError) -> String {
    let ConfigError::Invalid(problems) = error else { return edit_refused(&error.to_string()) };
    let Some(first) = problems.first() else { return edit_refused("the file is wrong") };
    let name = Path::new(&first.file).file_name().map(|name| name.to_string_lossy().into_owned());
    let first = Problem { file: name.unwrap_or_default(), snippet: String::new(), ..first.clone() };
    let more = match problems.len() - 1 {
        0 => String::new(),
        more => format!(" (and {more} more; deskline check lists them all)"),
    };
    edit_refused(&format!("{first}{more}"))
}

fn edit_refused(wrong: &str) -> String {
    format!("your edit is refused, and the settings before it stay: {wrong}")
}

/// Runs the supervisor's console.
pub(super) fn monitor(loaded: &LoadedConfig, args: ConnectionArgs) -> Result<(), CliError> {
    require_terminal()?;
    let config = args.apply_to(&loaded.config.console);
    let connection = connection::settings(&config)?;
    let paths = Paths::find().map_err(|error| CliError::Usage(error.to_string()))?;
    let log_file = config.log_file.clone().unwrap_or_else(|| paths.log_file());
    // The monitor works without a log.
    let _log = private_dir(paths.state_dir()).ok().and_then(|()| {
        telemetry::start(&log_file, &config.log_level, loaded.config.privacy.in_logs(&config)).ok()
    });
    if !Caps::detect(|name| std::env::var(name).ok()).utf8 {
        print_diagnostic(NOT_UTF8);
    }
    term::guard::install_panic_hook();
    let depth = match config.colors {
        Colors::Auto => None,
        Colors::Sixteen => Some(ColorDepth::Sixteen),
        Colors::None => Some(ColorDepth::None),
    };
    let look = Look { theme: theme(loaded)?, bidi: console::bidi(config.bidi) };
    // They have been checked when the configuration was loaded.
    let local = options::interaction_workspace(&loaded.config.interaction_workspace).unwrap_or_default();
    exit_result(block_on(runtime::monitor::run(runtime::monitor::MonitorOptions {
        connection,
        local,
        look,
        depth,
    }))?)
}

/// Runs the demo: gateway, customers and console in one process.
pub(super) fn demo(options: demo::DemoOptions) -> Result<(), CliError> {
    if !options.headless {
        require_terminal()?;
        term::guard::install_panic_hook();
    }
    match block_on(demo::run(options))? {
        Ok(result) => exit_result(result),
        Err(error) => Err(CliError::Failed(error.to_string())),
    }
}

fn require_terminal() -> Result<(), CliError> {
    term::refuse::require_terminal().map_err(|error| CliError::Usage(error.to_string()))
}

fn exit_result(result: std::io::Result<Exit>) -> Result<(), CliError> {
    match result {
        Ok(Exit::Fine) => Ok(()),
        // The message goes nowhere, since the terminal has gone.
        Ok(Exit::TerminalGone) => Err(CliError::Failed("the terminal has gone".to_owned())),
        Ok(Exit::NotAuthorised(reason)) => Err(CliError::NotAuthorised(reason)),
        Err(error) => Err(CliError::Failed(format!("the terminal failed: {error}"))),
    }
}

/// The configured theme. Errors name the line of every role that is not valid.
pub(super) fn theme(loaded: &LoadedConfig) -> Result<Theme, CliError> {
    let config: &Config = &loaded.config;
    let mut wrong = Vec::new();
    let mut chosen = Theme::built_in(&config.console.theme).unwrap_or_default();
    for (name, own) in &config.theme {
        let mut theme = own.get("base").and_then(|base| Theme::built_in(base)).unwrap_or_default();
        for (role, look) in own.iter().filter(|(role, _)| *role != "base") {
            if let Err(sentence) = theme.set(role, look) {
                wrong.push(loaded.problem(&["theme", name, role], sentence));
            }
        }
        if *name == config.console.theme {
            chosen = theme;
        }
    }
    wrong.sort_by_key(|problem| problem.at);
    let lines: Vec<String> = wrong.iter().map(ToString::to_string).collect();
    if lines.is_empty() { Ok(chosen) } else { Err(CliError::Usage(lines.join("\n"))) }
}

/// The configured settings. Errors name the line of every key binding that is not valid.
pub(super) fn settings(loaded: &LoadedConfig) -> Result<Settings, CliError> {
    let config: &Config = &loaded.config;
    let changes = config.keys.iter().map(|(name, keys)| match keys {
        Keys::One(one) => (name.as_str(), vec![one.as_str()]),
        Keys::Many(many) => (name.as_str(), many.iter().map(String::as_str).collect()),
    });
    let (keymap, errors) = Keymap::new(changes);
    if !errors.is_empty() {
        let lines: Vec<String> = errors
            .iter()
            .map(|e| loaded.problem(&["keys", &e.name], e.problem.clone()).to_string())
            .collect();
        return Err(CliError::Usage(lines.join("\n")));
    }
    let local = options::interaction_workspace(&config.interaction_workspace).unwrap_or_else(|refused| {
        // They have been checked when the configuration was loaded.
        for one in refused {
            print_diagnostic(&one.sentence);
        }
        crate::domain::AttachedData::new()
    });
    Ok(Settings {
        nickname: config.console.nickname.clone(),
        bell: config.console.bell,
        accept_takes_focus: config.console.accept_takes_focus,
        send_typing: config.console.send_typing,
        mouse: config.console.mouse,
        undo_send: Duration::from_secs(config.console.undo_send),
        lock_after: (config.console.lock_after > 0)
            .then(|| Duration::from_secs(config.console.lock_after * 60)),
        local,
        routing_based: config.routing_based.clone(),
        keymap,
    })
}
