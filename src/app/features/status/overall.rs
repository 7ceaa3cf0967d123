//! The agent's status over all channels.

use crate::app::core::state::State;
use crate::domain::agent::{AgentState, Channel};
use crate::domain::interaction::MEDIA_TYPE;
use crate::text::Clean;

/// The agent's status over all channels. (Workspace: mixed channels are a state of their own.)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overall {
    /// Ready when at least one channel is.
    pub state: AgentState,
    /// The number of ready channels and of all channels, if they differ.
    pub partial: Option<(usize, usize)>,
    /// The reason, or the number of reasons.
    pub reason: Option<Clean>,
}

impl State {
    /// The names of the known channels; ours when the server has not sent any.
    pub fn channel_names(&self) -> Vec<String> {
        if self.channels.is_empty() {
            return vec![MEDIA_TYPE.to_owned()];
        }
        self.channels.iter().map(|named| named.name.clone()).collect()
    }

    /// Computes the status over all channels.
    pub fn overall(&self) -> Overall {
        let of = self.channels.len();
        if of <= 1 {
            let Channel { state, reason, .. } = self.channel.clone();
            return Overall { state, partial: None, reason };
        }
        let on = |state| self.channels.iter().filter(|named| named.channel.state == state).count();
        let ready = on(AgentState::Ready);
        let out = on(AgentState::LoggedOut);
        let state = if ready > 0 {
            AgentState::Ready
        } else if out == of {
            AgentState::LoggedOut
        } else {
            let alike = |state| on(state) + out == of;
            [AgentState::DoNotDisturb, AgentState::AfterCallWork]
                .into_iter()
                .find(|state| alike(*state))
                .unwrap_or(AgentState::NotReady)
        };
        let mut reasons: Vec<&Clean> =
            self.channels.iter().filter_map(|named| named.channel.reason.as_ref()).collect();
        reasons.sort();
        reasons.dedup();
        let reason = match (state, reasons.as_slice()) {
            (AgentState::NotReady | AgentState::AfterCallWork, [only]) => Some((*only).clone()),
            (AgentState::NotReady | AgentState::AfterCallWork, [_, _, ..]) => {
                Some(Clean::line(&format!("{} reasons", reasons.len())))
            }
            _ => None,
        };
        let partial = (ready > 0 && ready < of).then_some((ready, of));
        Overall { state, partial, reason }
    }
}
