//! Changes of the settings file.

use crate::app::core::effect::Effect;
use crate::app::core::notice::Level;
use crate::app::core::settings::Settings;
use crate::app::core::state::State;

/// Applies the changed settings. Open sessions keep their initial options; everything else takes effect at
/// once.
pub(in crate::app) fn changed(
    state: &mut State,
    settings: Settings,
    restart: &[String],
    out: &mut Vec<Effect>,
) {
    if settings.mouse != state.settings.mouse {
        out.push(Effect::CaptureMouse(settings.mouse));
    }
    // The name that customers see is set when the console starts.
    let nickname = std::mem::take(&mut state.settings.nickname);
    state.settings = Settings { nickname, ..settings };
    state.say(Level::Good, "your settings were read again; open sessions keep their options");
    if !restart.is_empty() {
        let words = format!("restart deskline to apply {}", restart.join(", "));
        state.say(Level::Warning, words);
    }
}
