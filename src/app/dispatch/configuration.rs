//! The server's configuration: the signed-in person, and the current options.

use crate::app::core::notice::Level;
use crate::app::core::state::{Me, State};
use crate::app::features::emoji::Emojis;
use crate::domain::InteractionId;
use crate::domain::agent::Reason;
use crate::domain::options::{EMOJIS, Options, SECTION};
use crate::domain::role::Role;
use crate::proto::kv;
use crate::proto::session::{ConfigurationDto, UserDto, section_of};
use crate::text::Clean;

/// Applies the server's options; without a configuration only the agent's own have changed. Invalid values are
/// reported, and the previous values stay.
pub(in crate::app) fn set(state: &mut State, configuration: Option<ConfigurationDto>) {
    if let Some(configuration) = configuration {
        replace(state, configuration);
    }
    let mut layers = state.configuration.layers(SECTION);
    layers.push(state.my_options.clone());
    let layers: Vec<_> = layers.iter().collect();
    let (options, refused) = Options::merge(&layers, &state.server_options);
    state.server_options = options;
    let before = std::mem::take(&mut state.refused_options);
    for error in refused.iter().filter(|error| !before.contains(error)) {
        state.say(Level::Warning, format!("the server's option {error}; the value before it stays"));
    }
    state.refused_options = refused;
}

/// Replaces the configuration and the data derived from it.
fn replace(state: &mut State, configuration: ConfigurationDto) {
    if let Some(properties) = &configuration.user_properties {
        state.my_options = section_of(properties, SECTION);
    }
    let coded = |kind: &str| {
        let codes = configuration.action_codes.iter().filter(|code| code.kind == kind);
        codes.map(|code| Reason { code: code.code.clone(), name: Clean::line(&code.name) }).collect()
    };
    (state.reasons, state.work_reasons) = (coded("NotReady"), coded("AfterCallWork"));
    state.configuration = configuration;
}

/// Sets the person who is signed in.
pub(in crate::app) fn set_user(state: &mut State, user: &UserDto) {
    let name = format!("{} {}", user.first_name, user.last_name);
    let shown = if name.trim().is_empty() { user.user_name.as_str() } else { name.trim() };
    let nickname = [state.settings.nickname.as_str(), user.first_name.as_str(), user.user_name.as_str()];
    state.me = Some(Me {
        employee_id: user.employee_id.clone(),
        login: Clean::line(&user.user_name),
        name: Clean::line(shown),
        nickname: nickname.into_iter().find(|n| !n.trim().is_empty()).unwrap_or("Agent").to_owned(),
        agent_id: user.agent_login.clone().unwrap_or_else(|| user.employee_id.clone()),
        place: user.default_place.clone(),
        oversees: user.role.as_deref().and_then(Role::from_word).is_some_and(|role| !role.handles_sessions()),
    });
    set_own_options(state, user);
}

/// Sets the agent's own options at the server.
pub(in crate::app) fn set_own_options(state: &mut State, user: &UserDto) {
    let properties = kv::to_json(&user.user_properties);
    state.my_options = section_of(&properties, SECTION);
}

/// Gives a new session the current options, and the data that they refer to.
pub(in crate::app) fn begin_with(state: &mut State, id: &InteractionId) {
    let Some(session) = state.by_id(id) else { return };
    let options = state.options_of(&session.interaction);
    let attribute = options.emojis.as_deref();
    let found = attribute.and_then(|name| state.configuration.business_attribute(name));
    let emojis = found.map(Emojis::of).unwrap_or_default();
    let missing =
        attribute.filter(|_| found.is_none() && !state.configuration.business_attributes.is_empty());
    let missing = missing.map(str::to_owned);
    if let Some(name) = missing.as_ref().filter(|_| missing != state.missing_emojis) {
        let words = format!(
            "{EMOJIS} names {name:?}, and the server has no such business attribute: all emoji are offered"
        );
        state.say(Level::Warning, words);
    }
    state.missing_emojis = missing;
    if let Some(session) = state.by_id_mut(id) {
        session.options = options;
        session.emojis = emojis;
    }
}
