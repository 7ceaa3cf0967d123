//! Resolves names in a filter, as they are shown to people, to the IDs in the entries.

use crate::proto::watch::{Filter, LivePage};
use crate::text::fold::folded;
use crate::text::nearest::nearest;
use std::collections::BTreeSet;

/// The maximum number of similar names that are suggested for an unknown one.
const MOST_NEAR: usize = 3;

/// Something that a name may mean: the ID in the entries, and the names for people, the best first.
struct NameCandidate<'a> {
    id: &'a str,
    names: Vec<&'a str>,
}

/// Whether a filter has names to resolve.
pub(super) fn has_names(filter: &Filter) -> bool {
    !(filter.agents.is_empty() && filter.groups.is_empty() && filter.queues.is_empty())
}

/// Replaces names by IDs, and returns sentences about unknown names. Case and accents do not matter. An
/// unknown name is used as an ID: somebody who has left may be in the past that is requested.
pub(super) fn resolve(filter: &mut Filter, page: &LivePage) -> Vec<String> {
    let agents = page
        .agents
        .iter()
        .map(|agent| NameCandidate { id: &agent.id, names: vec![&agent.name, &agent.id, &agent.user_name] });
    let groups: BTreeSet<&str> =
        page.agents.iter().flat_map(|agent| agent.groups.iter().map(String::as_str)).collect();
    let groups = groups.into_iter().map(|group| NameCandidate { id: group, names: vec![group] });
    let queues = page
        .queues
        .iter()
        .map(|queue| NameCandidate { id: &queue.name, names: vec![&queue.display_name, &queue.name] });
    let mut unknown = look_up("agent", &mut filter.agents, &agents.collect::<Vec<_>>());
    unknown.extend(look_up("agent group", &mut filter.groups, &groups.collect::<Vec<_>>()));
    unknown.extend(look_up("interaction queue", &mut filter.queues, &queues.collect::<Vec<_>>()));
    unknown
}

fn look_up(what: &str, wanted: &mut Vec<String>, all: &[NameCandidate<'_>]) -> Vec<String> {
    // A server that lists nobody resolves names itself.
    if all.is_empty() {
        return Vec::new();
    }
    let (mut ids, mut unknown) = (Vec::new(), Vec::new());
    for word in wanted.iter() {
        let key = folded(word.trim());
        let is_called = |candidate: &&NameCandidate| candidate.names.iter().any(|name| folded(name) == key);
        let found: Vec<&str> = all.iter().filter(is_called).map(|candidate| candidate.id).collect();
        if found.is_empty() {
            unknown.push(format!("there is no {what} {word:?}{}", near(&key, all)));
            ids.push(word.clone());
        }
        ids.extend(found.into_iter().map(str::to_owned));
    }
    *wanted = ids;
    unknown
}

/// Suggests similar names.
fn near(key: &str, all: &[NameCandidate<'_>]) -> String {
    let names =
        || all.iter().filter_map(|candidate| candidate.names.iter().find(|name| !name.is_empty()).copied());
    let mut meant: Vec<&str> =
        names().filter(|name| !key.is_empty() && folded(name).contains(key)).take(MOST_NEAR).collect();
    if meant.is_empty() {
        let spellings: Vec<(String, &str)> = all
            .iter()
            .flat_map(|candidate| {
                candidate.names.iter().zip(std::iter::repeat(candidate.names.iter().find(|n| !n.is_empty())))
            })
            .filter_map(|(name, shown)| Some((folded(name), *shown?)))
            .collect();
        let closest =
            nearest(key, spellings.iter().map(|(name, _)| name.as_str()).filter(|name| !name.is_empty()));
        meant.extend(
            closest.and_then(|key| spellings.iter().find(|(name, _)| name == key)).map(|(_, shown)| *shown),
        );
    }
    if meant.is_empty() { String::new() } else { format!("; did you mean {}?", meant.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::watch::{LiveAgent, LiveQueue};

    fn page() -> LivePage {
        let agent = |id: &str, name: &str, user_name: &str| LiveAgent {
            id: id.into(),
            name: name.into(),
            user_name: user_name.into(),
            groups: vec!["Billing".into()],
            ..LiveAgent::default()
        };
        let queue =
            LiveQueue { name: "wa-orders".into(), display_name: "Orders".into(), ..LiveQueue::default() };
        LivePage {
            agents: vec![agent("e1", "José Núñez", "jose"), agent("e2", "Ana Ruiz", "ana")],
            queues: vec![queue],
            ..LivePage::default()
        }
    }

    fn filter(agent: &str, group: &str, queue: &str) -> Filter {
        let list = |word: &str| if word.is_empty() { Vec::new() } else { vec![word.to_owned()] };
        Filter { agents: list(agent), groups: list(group), queues: list(queue), ..Filter::default() }
    }

    #[test]
    fn shown_names_are_resolved_to_ids() {
        for agent in ["e1", "E1", "jose", "José Núñez", "JOSE NUNEZ", " josé núñez "] {
            for queue in ["wa-orders", "orders", "ORDERS"] {
                let mut filter = filter(agent, "billing", queue);
                assert_eq!(resolve(&mut filter, &page()), Vec::<String>::new());
                assert_eq!((filter.agents[0].as_str(), filter.groups[0].as_str()), ("e1", "Billing"));
                assert_eq!(filter.queues, ["wa-orders"]);
            }
        }
    }

    #[test]
    fn an_unknown_name_is_reported_with_similar_ones() {
        let mut filter = filter("nunez", "Biling", "zzzzzzzz");
        assert_eq!(
            resolve(&mut filter, &page()),
            [
                "there is no agent \"nunez\"; did you mean José Núñez?",
                "there is no agent group \"Biling\"; did you mean Billing?",
                "there is no interaction queue \"zzzzzzzz\"",
            ]
        );
        assert_eq!(filter.agents, ["nunez"], "taken for an ID");
    }

    #[test]
    fn names_stay_as_typed_when_the_server_lists_nobody() {
        let mut filter = filter("ana", "", "Orders");
        assert!(resolve(&mut filter, &LivePage::default()).is_empty());
        assert_eq!((filter.agents[0].as_str(), filter.queues[0].as_str()), ("ana", "Orders"));
    }
}
