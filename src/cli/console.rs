//! Starts the console.

use super::{Failure, block_on, complain, connection};
use crate::app::keymap::Keymap;
use crate::app::state::Settings;
use crate::config::load::Loaded;
use crate::config::options;
use crate::config::paths::{Paths, private_dir};
use crate::config::schema::{Colors, Config, Console, Keys};
use crate::runtime::console::{self, Exit, Start};
use crate::runtime::demo;
use crate::store::drafts::Drafts;
use crate::term::caps::ColorDepth;
use crate::ui::Look;
use crate::{runtime, telemetry, term};

/// What the console takes from the command line.
#[derive(Debug, Default, clap::Args)]
pub struct Options {
    /// The server [default: console.url of the configuration]
    #[arg(long, global = true, value_name = "URL")]
    url: Option<String>,
    /// Who signs in [default: console.user of the configuration]
    #[arg(long, global = true, value_name = "NAME")]
    user: Option<String>,
}

impl Options {
    /// The console's settings with these over them.
    pub(super) fn over(self, console: &Console) -> Console {
        let mut console = console.clone();
        if let Some(url) = self.url {
            console.url = url;
        }
        if self.user.is_some() {
            console.user = self.user;
        }
        console
    }
}

/// Runs the agent's console.
pub(super) fn run(loaded: &Loaded, options: Options) -> Result<(), Failure> {
    require_terminal()?;
    let settings = settings(loaded)?;
    let config = options.over(&loaded.config.console);
    let connection = connection::settings(&config)?;
    let mut warnings = Vec::new();
    let paths = Paths::find().map_err(|error| Failure::Usage(error.to_string()))?;
    let log_file = config.log_file.clone().unwrap_or_else(|| paths.log_file());
    let _log = private_dir(paths.state_dir())
        .map_err(|error| error.to_string())
        .and_then(|()| {
            telemetry::start(&log_file, &config.log_level, config.log_messages).map_err(|e| e.to_string())
        })
        .map_err(|error| warnings.push(error))
        .ok();
    let drafts = Drafts::open(&paths.console_db(), &config.url, &connection.user)
        .map_err(|error| warnings.push(error.to_string()))
        .ok();
    term::guard::install_panic_hook();
    finish(block_on(console::run(Start { connection, settings, config, drafts, warnings }))?)
}

/// Runs the supervisor's console.
pub(super) fn monitor(loaded: &Loaded, options: Options) -> Result<(), Failure> {
    require_terminal()?;
    let config = options.over(&loaded.config.console);
    let connection = connection::settings(&config)?;
    let paths = Paths::find().map_err(|error| Failure::Usage(error.to_string()))?;
    let log_file = config.log_file.clone().unwrap_or_else(|| paths.log_file());
    // A monitor without a log is still one.
    let _log = private_dir(paths.state_dir())
        .ok()
        .and_then(|()| telemetry::start(&log_file, &config.log_level, config.log_messages).ok());
    term::guard::install_panic_hook();
    let depth = match config.colors {
        Colors::Auto => None,
        Colors::Sixteen => Some(ColorDepth::Sixteen),
        Colors::None => Some(ColorDepth::None),
    };
    let look = Look { theme: console::theme(config.theme), bidi: console::bidi(config.bidi) };
    finish(block_on(runtime::monitor::run(runtime::monitor::Start { connection, look, depth }))?)
}

/// Runs the demo: gateway, customers and console in one process.
pub(super) fn demo(options: demo::Options) -> Result<(), Failure> {
    if !options.headless {
        require_terminal()?;
        term::guard::install_panic_hook();
    }
    match block_on(demo::run(options))? {
        Ok(result) => finish(result),
        Err(error) => Err(Failure::Failed(error.to_string())),
    }
}

fn require_terminal() -> Result<(), Failure> {
    term::refuse::require_terminal().map_err(|error| Failure::Usage(error.to_string()))
}

fn finish(result: std::io::Result<Exit>) -> Result<(), Failure> {
    match result {
        Ok(Exit::Fine) => Ok(()),
        // Nobody is there to read a sentence.
        Ok(Exit::TerminalGone) => Err(Failure::Failed("the terminal has gone".to_owned())),
        Ok(Exit::NotAuthorised(reason)) => Err(Failure::NotAuthorised(reason)),
        Err(error) => Err(Failure::Failed(format!("the terminal failed: {error}"))),
    }
}

/// What the person set, with every wrong key named by its line.
pub(super) fn settings(loaded: &Loaded) -> Result<Settings, Failure> {
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
        return Err(Failure::Usage(lines.join("\n")));
    }
    let local = options::interaction_workspace(&config.interaction_workspace).unwrap_or_else(|refused| {
        // Loading has checked them already.
        for one in refused {
            complain(&one.sentence);
        }
        crate::domain::AttachedData::new()
    });
    Ok(Settings {
        nickname: config.console.nickname.clone(),
        bell: config.console.bell,
        accept_takes_focus: config.console.accept_takes_focus,
        send_typing: config.console.send_typing,
        mouse: config.console.mouse,
        local,
        routing_based: config.routing_based.clone(),
        keymap,
    })
}
