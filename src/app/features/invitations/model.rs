//! The text of an invitation: its kind, and what rejecting it does.

use crate::app::core::case_data as case;
use crate::app::core::notice::Level;
use crate::app::core::state::State;
use crate::domain::Millis;
use crate::domain::interaction::{Interaction, Offer, OfferKind};
use crate::domain::routing_based::{
    ORIGINAL_EMPLOYEE, REQUEST_TYPE, RequestKind, TARGET_ID, TARGET_TYPE, Words,
};
use crate::domain::target::TargetKind;
use crate::proto::wa;
use crate::text::Clean;
use std::time::Duration;

/// The tolerance between the clocks of server and console when an invitation ends.
const LATE: Duration = Duration::from_secs(2);
/// The maximum number of pairs of case data in an invitation.
const PAIRS: usize = 3;

/// The kind of an invitation: `new`, `transfer from Ben Costa`.
pub fn kind(offer: &Offer) -> String {
    let (word, with) = match offer.kind {
        OfferKind::New => return "new".to_owned(),
        OfferKind::Returned => return "back in the queue".to_owned(),
        OfferKind::Asked(kind @ RequestKind::OneStepTransfer) => (kind.label(), "from"),
        OfferKind::Asked(kind @ (RequestKind::OneStepConference | RequestKind::InitConference)) => {
            (kind.label(), "with")
        }
    };
    match &offer.from {
        Some(from) => format!("{word} {with} {from}"),
        None => word.to_owned(),
    }
}

/// The origin of the session, and its case data as far as the settings show them.
pub fn about(state: &State, invitation: &Interaction) -> String {
    let options = state.options_of(invitation);
    let attribute = options.toast_attribute.as_deref();
    // The pairs of a routing-based request are already shown in the kind of the invitation.
    let routing = [ORIGINAL_EMPLOYEE, TARGET_ID, TARGET_TYPE, REQUEST_TYPE];
    let own = [options.disposition_key.as_str(), options.override_key.as_str()];
    let hidden: Vec<&str> = own.into_iter().chain(routing).collect();
    let pairs = case::shown(&state.configuration, attribute, invitation, &hidden).into_iter();
    let pairs = pairs.filter(|pair| options.toast_shown && !pair.value.is_empty()).take(PAIRS);
    // An attribute also sets the display names of the pairs.
    let values = pairs.map(|pair| match attribute {
        Some(_) => format!("{}: {}", pair.label, pair.value),
        None => pair.value.to_string(),
    });
    invitation.origin.iter().map(ToString::to_string).chain(values).collect::<Vec<_>>().join(" · ")
}

/// The outcome of an invitation that this agent has rejected.
pub(in crate::app) fn rejected(invitation: &Interaction) -> String {
    let name = invitation.party.display_name();
    let offer = invitation.offer.clone().unwrap_or_default();
    let from = offer.from.unwrap_or_else(|| "your colleague".into());
    match (offer.kind, offer.is_personal) {
        (OfferKind::New | OfferKind::Returned, _) => {
            format!("{name} was rejected and goes back to the queue")
        }
        (OfferKind::Asked(kind), true) => {
            let what = kind.label();
            format!(
                "{name} was rejected: {from} keeps the session and is informed that you refused the {what}"
            )
        }
        (OfferKind::Asked(RequestKind::OneStepTransfer), false) => {
            format!("{name} was rejected: the session waits for somebody else")
        }
        (OfferKind::Asked(RequestKind::OneStepConference | RequestKind::InitConference), false) => {
            format!("{name} was rejected: {from} keeps the session; others who fit may be asked")
        }
    }
}

/// Why an invitation ended without this agent's answer. `ends` is its expiry time, if the server sent one.
pub(in crate::app) fn withdrawn(
    interaction: &Interaction,
    ends: Option<Millis>,
    now: Millis,
) -> (Level, String) {
    let name = interaction.party.display_name();
    if ends.is_none_or(|ends| ends <= now.plus(LATE)) {
        (Level::Warning, format!("You did not accept {name} in time"))
    } else {
        (Level::Info, format!("{name} is not offered to you any more"))
    }
}

/// Completes an invitation from a server without our additions by reading the pairs of a routing-based request.
/// Pairs that name another agent belong to an earlier request.
pub(in crate::app) fn complete(invitation: &mut Interaction, words: &Words, my_employee_id: &str) {
    let data = &invitation.user_data;
    if data.get(wa::OFFER).is_some() {
        return;
    }
    let kind = data.text(REQUEST_TYPE).and_then(|word| words.request_kind(word));
    let target = data.text(TARGET_TYPE).and_then(|word| words.target_kind(word));
    let to_agent = target == Some(TargetKind::Agent);
    let to_me = to_agent && data.text(TARGET_ID) == Some(my_employee_id);
    let by = data.text(ORIGINAL_EMPLOYEE).map(str::to_owned);
    let (Some(kind), Some(offer)) = (kind.filter(|_| to_me || !to_agent), &mut invitation.offer) else {
        return;
    };
    let named = invitation.colleagues.iter().find(|one| one.employee_id == by);
    let from = named.map(|one| one.name.clone()).or_else(|| by.as_deref().map(Clean::line));
    *offer = Offer { kind: OfferKind::Asked(kind), from, is_personal: to_me, ..offer.clone() };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::decode;

    fn invitation(pairs: &[(&str, &str)]) -> Interaction {
        let data: Vec<_> = pairs
            .iter()
            .map(|(key, value)| serde_json::json!({"key": key, "type": "str", "value": value}))
            .collect();
        let dto = serde_json::json!({"id": "i", "state": "Invited", "userData": data});
        decode::interaction(&serde_json::from_value(dto).unwrap(), Millis(0))
    }

    fn said(invitation: &Interaction) -> String {
        kind(invitation.offer.as_ref().unwrap())
    }

    #[test]
    fn an_invitation_says_what_it_is_and_what_rejecting_does() {
        let cases = [
            ("new", false, "new", "goes back to the queue"),
            ("returned", false, "back in the queue", "goes back to the queue"),
            (
                "transfer",
                true,
                "transfer from Ben",
                "Ben keeps the session and is informed that you refused the transfer",
            ),
            ("transfer", false, "transfer from Ben", "waits for somebody else"),
            ("conference", true, "conference with Ben", "is informed that you refused the conference"),
            (
                "conference",
                false,
                "conference with Ben",
                "Ben keeps the session; others who fit may be asked",
            ),
            ("consultation", true, "consultation with Ben", "is informed that you refused the consultation"),
            (
                "consultation",
                false,
                "consultation with Ben",
                "Ben keeps the session; others who fit may be asked",
            ),
            ("a later word", false, "new", "goes back to the queue"),
        ];
        for (word, personal, what, then) in cases {
            let mut pairs = vec![("wa.offer", word), ("wa.offer-from", "Ben"), ("wa.contact-name", "Omar")];
            pairs.extend(personal.then_some(("wa.offer-personal", "1")));
            let one = invitation(&pairs);
            assert_eq!(said(&one), what);
            assert!(
                rejected(&one).contains(then) && rejected(&one).starts_with("Omar"),
                "{}",
                rejected(&one)
            );
        }
    }

    #[test]
    fn routing_pairs_say_what_another_server_offers() {
        let pairs = |kind, target, whom| {
            let mut one = invitation(&[
                (ORIGINAL_EMPLOYEE, "ben"),
                (REQUEST_TYPE, kind),
                (TARGET_TYPE, target),
                (TARGET_ID, whom),
            ]);
            complete(&mut one, &Words::default(), "ana");
            (said(&one), one.offer.unwrap().is_personal)
        };
        assert_eq!(pairs("OneStepTransfer", "Agent", "ana"), ("transfer from ben".into(), true));
        assert_eq!(pairs("InitConference", "Skill", "French"), ("consultation with ben".into(), false));
        assert_eq!(pairs("OneStepTransfer", "Agent", "kate"), ("new".into(), false));
        assert_eq!(pairs("Whatever", "Agent", "ana"), ("new".into(), false));
    }
}
