//! Ways to a customer outside the console: the value goes to the clipboard, and the history notes it.

use crate::app::core::effect::Effect;
use crate::app::core::layer::Layer;
use crate::app::core::notice::Level;
use crate::app::core::requests::call;
use crate::app::core::state::{Awaited, State};
use crate::app::features::reach::{OutsideLink, ReachLayer, ReachRequest};
use crate::domain::InteractionId;
use crate::domain::reach::ContactMethod;
use crate::proto::request::Request;
use crate::text::Clean;

/// For a program outside the console: copies the value to the clipboard, shows the link, and records it in the
/// history.
pub(in crate::app) fn outside(
    state: &mut State,
    session: Option<InteractionId>,
    way: ContactMethod,
    value: &str,
    out: &mut Vec<Effect>,
) {
    let Some(link) = way.link(value) else { return };
    out.push(Effect::Copy(value.to_owned()));
    let noted = session.is_some() && state.online();
    if let (Some(id), true) = (session, noted) {
        let request = Request::NoteContact { id, way, address: value.to_owned() };
        call(state, request, Awaited::Reach(ReachRequest::Note), out);
    }
    let title = Clean::line(&format!("{} {value}", way.verb()));
    state.layers.push(Layer::Reach(Box::new(ReachLayer::Outside(OutsideLink {
        title,
        value: Clean::line(value),
        link,
        noted,
    }))));
}

/// Copies the link instead of the value.
pub(in crate::app) fn copy_link(state: &mut State, out: &mut Vec<Effect>) {
    if let Some(Layer::Reach(layer)) = state.layers.pop()
        && let ReachLayer::Outside(shown) = *layer
    {
        out.push(Effect::Copy(shown.link));
        state.say(Level::Good, "the link is on your clipboard");
    }
}
