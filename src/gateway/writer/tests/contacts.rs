//! Contacts: changed, merged, assigned, and what a start knows of it.

use super::*;
use crate::domain::ContactId;
use crate::domain::profile::{AttributeValue, Attributes, EMAIL, FIRST_NAME, LAST_NAME, PHONE};
use crate::domain::role::Role;
use crate::gateway::writer::api::Refusal;
use crate::gateway::writer::handle::ReadRequest;
use crate::gateway::writer::model::contact::ContactCommand;
use crate::gateway::writer::model::views::Suggested;
use crate::proto::contact::{AttributeChange, Query, ValueChange};
use crate::store::{ContactCard, ContactLookup};

fn attributes(pairs: &[(&str, &[&str])]) -> Attributes {
    let list = |values: &[&str]| values.iter().map(|value| AttributeValue::plain(*value)).collect();
    pairs.iter().map(|(name, values)| ((*name).to_owned(), list(values))).collect()
}

fn change(id: &ContactId, name: &str, was: Option<&[&str]>, now: &[&str]) -> ContactCommand {
    let list = |values: &[&str]| values.iter().map(|value| AttributeValue::plain(*value)).collect();
    let (name, was) = (name.to_owned(), was.map(list));
    let changes = vec![AttributeChange { name, turn: ValueChange::Set(list(now)), was }];
    ContactCommand::Update { id: id.clone(), changes }
}

impl Rig {
    async fn contact(&mut self, who: &str, act: ContactCommand) -> Result<Option<ContactCard>, Refusal> {
        let role = if who == "sue" { Role::Supervisor } else { Role::Agent };
        let (answer, mut reply) = oneshot::channel();
        let actor = Actor { employee: who.into(), role };
        self.worker.run_turn(&mut vec![WriterRequest::Contact { actor, operation: None, act, answer }]).await;
        reply.try_recv().unwrap()
    }

    async fn made(&mut self, pairs: &[(&str, &[&str])]) -> ContactId {
        self.contact("ana", ContactCommand::Create(attributes(pairs))).await.unwrap().unwrap().id
    }

    async fn card(&self, id: &ContactId) -> Option<ContactCard> {
        let looked = self.store.look_up_contacts(ContactLookup::Cards(vec![id.clone()])).await.unwrap();
        looked.cards.into_iter().next()
    }

    async fn found(&self, query: &str) -> Vec<ContactId> {
        let query = Query::parse(query).unwrap();
        let looked =
            self.store.look_up_contacts(ContactLookup::Search { query, start: 0, limit: 50 }).await.unwrap();
        looked.cards.into_iter().map(|card| card.id).collect()
    }

    /// Ana has a session of that number, which wrote that.
    async fn session(&mut self, number: &str, words: &str) -> InteractionId {
        let before = self.sessions();
        self.hooks(std::iter::once(format!("{number} {words}"))).await;
        let id = self.sessions().into_iter().find(|id| !before.contains(id)).unwrap();
        self.act("ana", Command::Accept { id: id.clone(), nickname: None }).await;
        id
    }

    async fn with_ana() -> Self {
        let mut rig = Self::new().await;
        rig.act("ana", Command::Activate).await;
        rig.act("ana", Command::SetState(RequestedState::Ready)).await;
        rig
    }

    async fn suggested(&mut self, id: &InteractionId) -> Suggested {
        let (answer, reply) = oneshot::channel();
        let actor = Actor { employee: "ana".into(), role: Role::Agent };
        self.worker
            .run_turn(&mut vec![WriterRequest::Read(ReadRequest::Suggest { actor, id: id.clone(), answer })])
            .await;
        reply.await.unwrap().unwrap()
    }

    async fn same_after_a_start(&self) {
        let now = Millis(self.clock.load(Ordering::SeqCst));
        let loaded = load(self.store.as_ref(), &self.setup, now).await.unwrap();
        assert_eq!(loaded.state, *self.worker.state());
    }
}

#[tokio::test]
async fn a_merge_that_is_undone_leaves_both_contacts_as_they_were() {
    let mut rig = Rig::with_ana().await;
    let id = rig.session("34600000101", "hola").await;
    let one = rig.made(&[(FIRST_NAME, &["Ana"]), (PHONE, &["+34 600 000 001"])]).await;
    let other = rig
        .made(&[(FIRST_NAME, &["Anna"]), (PHONE, &["+34 600 000 002"]), (EMAIL, &["a@example.org"])])
        .await;
    rig.contact("ana", ContactCommand::Assign { interaction: id.clone(), contact: other.clone() })
        .await
        .unwrap();
    let before = (rig.card(&one).await.unwrap(), rig.card(&other).await.unwrap());
    let history = rig.store.history(other.clone(), None, None).await.unwrap();
    assert_eq!(history.len(), 1);

    let merge = ContactCommand::Merge { into: one.clone(), from: other.clone() };
    let merged = rig.contact("ana", merge).await.unwrap().unwrap();
    assert_eq!(merged.attributes[PHONE].len(), 2);
    assert_eq!(merged.attributes[FIRST_NAME], attributes(&[(FIRST_NAME, &["Ana"])])[FIRST_NAME]);
    assert_eq!(rig.store.history(one.clone(), None, None).await.unwrap(), history, "the history moved");
    assert_eq!(rig.found("anna").await, Vec::<ContactId>::new());
    assert_eq!(rig.found("600000002").await, std::slice::from_ref(&one));
    let session = &rig.worker.state().sessions[&id];
    assert_eq!((&session.owner, session.first_name.as_deref()), (&one, Some("Ana")));
    rig.same_after_a_start().await;

    rig.contact("ana", ContactCommand::Unmerge(one.clone())).await.unwrap();
    assert_eq!((rig.card(&one).await.unwrap(), rig.card(&other).await.unwrap()), before);
    assert_eq!(rig.store.history(other.clone(), None, None).await.unwrap(), history);
    assert_eq!(rig.found("anna").await, std::slice::from_ref(&other));
    let session = &rig.worker.state().sessions[&id];
    assert_eq!((&session.owner, session.first_name.as_deref()), (&other, Some("Anna")));
    rig.same_after_a_start().await;
    let again = rig.contact("ana", ContactCommand::Unmerge(one)).await;
    assert!(matches!(again, Err(Refusal::Conflict(_))), "{again:?}");
}

#[tokio::test]
async fn who_is_assigned_is_known_from_then_on_in_every_session() {
    let mut rig = Rig::with_ana().await;
    let id = rig.session("34600000101", "hola").await;
    assert!(!rig.worker.state().sessions[&id].is_known);
    let contact = rig.made(&[(FIRST_NAME, &["Lucía"]), (LAST_NAME, &["Fernández"])]).await;
    let act = ContactCommand::Assign { interaction: id.clone(), contact: contact.clone() };
    rig.contact("ana", act).await.unwrap();
    let session = &rig.worker.state().sessions[&id];
    assert_eq!((session.customer_name().as_str(), session.is_known), ("Lucía Fernández", true));
    rig.same_after_a_start().await;

    rig.act("ana", Command::Complete(id.clone())).await;
    let next = rig.session("34600000101", "otra").await;
    let session = &rig.worker.state().sessions[&next];
    assert_eq!((session.customer_name().as_str(), &session.owner), ("Lucía Fernández", &contact));
    let ids = |past: Vec<crate::store::PastSession>| past.into_iter().map(|past| past.id).collect::<Vec<_>>();
    let mut history = ids(rig.store.history(contact.clone(), None, None).await.unwrap());
    history.sort();
    let mut expected = vec![id, next.clone()];
    expected.sort();
    assert_eq!(history, expected);

    // An edit reaches the open session; taking the name away does too.
    rig.contact("ana", change(&contact, FIRST_NAME, None, &["Lucia"])).await.unwrap();
    assert_eq!(rig.worker.state().sessions[&next].customer_name(), "Lucia Fernández");
    rig.same_after_a_start().await;
}

#[tokio::test]
async fn what_somebody_else_has_changed_is_not_overwritten() {
    let mut rig = Rig::with_ana().await;
    let contact = rig.made(&[(FIRST_NAME, &["Ana"]), (LAST_NAME, &["Ruiz"])]).await;
    rig.contact("ben", change(&contact, FIRST_NAME, Some(&["Ana"]), &["Anna"])).await.unwrap();
    let refused = rig.contact("ana", change(&contact, FIRST_NAME, Some(&["Ana"]), &["Anita"])).await;
    let Err(Refusal::Conflict(words)) = refused else { panic!("{refused:?}") };
    assert!(words.contains("FirstName") && words.contains("Anna"), "{words}");
    // Another field is nobody's business.
    rig.contact("ana", change(&contact, LAST_NAME, Some(&["Ruiz"]), &["Gil"])).await.unwrap();
    let card = rig.card(&contact).await.unwrap();
    assert_eq!(card.attributes, attributes(&[(FIRST_NAME, &["Anna"]), (LAST_NAME, &["Gil"])]));
    assert_eq!(card.changed.unwrap().0, "ana".into());
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_with_the_reason() {
    let mut rig = Rig::with_ana().await;
    let id = rig.session("34600000101", "hola").await;
    let contact = rig.made(&[(FIRST_NAME, &["Ana"])]).await;
    rig.contact("ana", ContactCommand::Assign { interaction: id.clone(), contact: contact.clone() })
        .await
        .unwrap();
    let gone = ContactId::from("nobody");
    for (who, act, status) in [
        ("sue", ContactCommand::Create(attributes(&[(FIRST_NAME, &["x"])])), 403),
        ("ben", ContactCommand::Assign { interaction: id.clone(), contact: contact.clone() }, 404),
        ("ana", ContactCommand::Assign { interaction: id.clone(), contact: gone.clone() }, 410),
        ("ana", ContactCommand::Delete(contact.clone()), 409),
        ("ana", ContactCommand::Delete(gone.clone()), 410),
        ("ana", ContactCommand::Merge { into: contact.clone(), from: contact.clone() }, 400),
        ("ana", ContactCommand::Merge { into: contact.clone(), from: gone.clone() }, 410),
        ("ana", change(&gone, FIRST_NAME, None, &["x"]), 410),
        ("ana", change(&contact, EMAIL, None, &["not an address"]), 400),
        ("ana", change(&contact, "wa.number", None, &["1"]), 400),
        ("ana", ContactCommand::Create(Attributes::new()), 400),
    ] {
        let refused = rig.contact(who, act.clone()).await.unwrap_err();
        assert_eq!(refused.http_status(), status, "{who} {act:?}: {refused}");
    }
    rig.act("ana", Command::Complete(id)).await;
    rig.contact("ana", ContactCommand::Delete(contact.clone())).await.unwrap();
    assert_eq!((rig.card(&contact).await, rig.found("*").await.len()), (None, 0));
    // The customer of it is there again when they write, and nobody has described them.
    let next = rig.session("34600000101", "otra").await;
    assert!(!rig.worker.state().sessions[&next].is_known);
}

#[tokio::test]
async fn an_unknown_customer_may_be_who_has_that_number_or_that_address() {
    let mut rig = Rig::with_ana().await;
    let number = rig.made(&[(FIRST_NAME, &["Ana"]), (PHONE, &["600 000 101"])]).await;
    let address = rig.made(&[(FIRST_NAME, &["Eva"]), (EMAIL, &["eva@example.org"])]).await;
    rig.made(&[(FIRST_NAME, &["Ida"]), (PHONE, &["+34 600 000 999"])]).await;
    let id = rig.session("34600000101", "soy eva@example.org, hola").await;
    let suggested = rig.suggested(&id).await;
    let found: Vec<(ContactId, &str)> =
        suggested.contacts.iter().map(|(card, why)| (card.id.clone(), *why)).collect();
    assert_eq!(found, [(number, "the same number"), (address, "the e-mail address they wrote")]);
    assert!(!suggested.is_known);
}
