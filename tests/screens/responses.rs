//! The standard responses: list, search, what is shown of the chosen one, attachments.

use crate::desk::Desk;
use deskline::app::core::layer::Layer;
use deskline::app::core::msg::RequestError;
use deskline::app::{Effect, What};
use deskline::domain::OperationId;
use deskline::proto::envelope::Envelope;
use deskline::proto::event::Event;
use deskline::proto::request::Request;
use serde_json::{Value, json};

fn calls(effects: Vec<Effect>) -> Vec<(OperationId, Request)> {
    let calls = effects.into_iter().filter_map(|effect| match effect {
        Effect::Call { operation, request } => Some((operation, request)),
        _ => None,
    });
    calls.collect()
}

fn response(id: &str, name: &str, lang: &str, body: &str) -> Value {
    let files = if id == "menu" {
        json!([{"documentId": "d1", "name": "menu.pdf", "mime": "application/pdf", "size": 240_000},
            {"documentId": "d2", "name": "map.jpg", "mime": "image/jpeg", "size": 900}])
    } else {
        json!([])
    };
    json!({"standardResponseId": id, "name": name, "lang": lang, "body": body, "attachments": files,
        "description": if id == "late" { "For parcels that are one to three days late" } else { "" }})
}

/// What the server says to a request about responses.
fn answer(request: &Request) -> Option<Value> {
    let dto = |id: &str, name: &str, children: Value, inside: Value| json!({"categoryId": id, "name": name, "childrenCategories": children, "childrenStdResponses": inside});
    let bare = |id: &str, name: &str| dto(id, name, json!([]), json!([]));
    Some(match request {
        Request::ResponseRoot => {
            json!({"name": "EventGetRootCategories", "categories": [bare("g", "Greetings"), bare("o", "Orders")]})
        }
        Request::ResponseCategory(id) => {
            let category = match id.as_str() {
                "g" => dto(
                    "g",
                    "Greetings",
                    json!([]),
                    json!([
                        response(
                            "hi",
                            "Welcome",
                            "English",
                            "Hello <$Contact.FirstName$>, this is <$Agent.FirstName$>. How can I help you?"
                        ),
                        response(
                            "hola",
                            "Welcome",
                            "Spanish",
                            "Hola, <$Contact.FirstName$>. Soy <$Agent.FirstName$>, ¿en qué le puedo ayudar?"
                        ),
                        response(
                            "bye",
                            "Goodbye",
                            "English",
                            "Thank you for writing to us. Have a good day!"
                        ),
                    ]),
                ),
                "o" => dto(
                    "o",
                    "Orders",
                    json!([bare("d", "Delivery")]),
                    json!([response("menu", "Our menu", "English", "Here is our menu.")]),
                ),
                _ => dto(
                    "d",
                    "Delivery",
                    json!([]),
                    json!([response(
                        "late",
                        "Parcel is late",
                        "Spanish",
                        "Siento que su pedido se retrase.\nEstá en camino y llega en *dos días laborables*."
                    )]),
                ),
            };
            json!({"name": "EventGetCategory", "category": category})
        }
        Request::FavoriteResponses => {
            json!({"name": "EventGetFavoriteResponses", "standardResponses": [{"standardResponseId": "bye", "name": "Goodbye"}]})
        }
        Request::RenderResponse { response, .. } => {
            let body = if response == "bye" {
                "Thank you for writing to us. Have a good day!"
            } else if response == "hola" {
                "Hola, Lucía. Soy Ana, ¿en qué le puedo ayudar?"
            } else {
                "Hello Lucía, this is Ana. How can I help you?"
            };
            json!({"name": "EventRenderFieldCodes", "body": body, "wa.unknown-codes": [], "wa.empty-codes": []})
        }
        _ => return None,
    })
}

/// Lets the server answer until nothing is asked any more.
fn serve(desk: &mut Desk, effects: Vec<Effect>) {
    let mut waiting = calls(effects);
    while !waiting.is_empty() {
        let mut next = Vec::new();
        for (operation, request) in waiting {
            if let Some(mut data) = answer(&request) {
                if let Some(map) = data.as_object_mut() {
                    map.insert("messageType".into(), "UcsMessage".into());
                    map.insert("operationId".into(), operation.as_str().into());
                }
                let event = Event::decode("/workspace/v3/contacts", &data);
                next.extend(calls(desk.effects(What::Event(event))));
            }
            let result = Ok(Envelope::ok(1, None, Value::Null));
            next.extend(calls(desk.effects(What::Reply { operation, result })));
        }
        waiting = next;
    }
}

fn press(desk: &mut Desk, key: &str) {
    let effects = desk.key_effects(key);
    serve(desk, effects);
}

/// Types while the server answers.
fn writes(desk: &mut Desk, text: &str) {
    for c in text.chars() {
        let code = deskline::app::core::key::Code::Char(c);
        let effects = desk.effects(What::Key(deskline::app::core::key::Key::plain(code)));
        serve(desk, effects);
    }
}

fn opened(width: u16, height: u16) -> Desk {
    let mut desk = Desk::busy(width, height, 0);
    press(&mut desk, "Ctrl+R");
    desk
}

/// The layer for the tests of all sizes.
pub fn layer(desk: &mut Desk) -> Option<Layer> {
    press(desk, "Ctrl+R");
    desk.state.layers.pop()
}

#[test]
fn the_responses_at_80x24_and_120x32() {
    let mut desk = opened(80, 24);
    snapshot!("responses_80x24", desk.draw().styled());
    press(&mut desk, "Tab");
    snapshot!("responses_favourites_80x24", desk.draw().text());
    let mut desk = opened(120, 32);
    desk.state.layers.clear();
    desk.types("Buenos días. ");
    press(&mut desk, "Ctrl+R");
    press(&mut desk, "Down");
    press(&mut desk, "Down");
    snapshot!("responses_120x32", desk.draw().styled());
    for _ in 0..3 {
        press(&mut desk, "Tab");
    }
    snapshot!("responses_folder_120x32", desk.draw().text());
}

#[test]
fn words_of_a_text_find_it_without_its_accents() {
    let mut desk = opened(120, 32);
    writes(&mut desk, "esta dias");
    snapshot!("responses_search_120x32", desk.draw().text());
    let text = desk.draw().text();
    assert!(text.contains("▸   Parcel is late") && !text.contains("Our menu"), "{text}");
}

#[test]
fn enter_inserts_the_response_and_one_undo_removes_it() {
    let mut desk = opened(80, 24);
    desk.state.layers.clear();
    desk.types("[]");
    desk.key("Left");
    press(&mut desk, "Ctrl+R");
    writes(&mut desk, "welcome");
    let effects = desk.key_effects("Enter");
    assert!(calls(effects).iter().all(|(_, request)| !matches!(request, Request::SendMessage { .. })));
    let draft = |desk: &Desk| desk.state.session().unwrap().draft.text().to_owned();
    assert!(
        draft(&desk).starts_with("[Hello Lucía, this is Ana.") && draft(&desk).ends_with("?]"),
        "{}",
        draft(&desk)
    );
    desk.key("Alt+U");
    assert_eq!(draft(&desk), "[]");
}

#[test]
fn what_would_be_over_the_limit_is_said_before_it_is_sent() {
    let mut desk = Desk::busy(80, 24, 0);
    desk.does(What::Paste("ñ".repeat(2040)));
    press(&mut desk, "Ctrl+R");
    writes(&mut desk, "goodbye");
    snapshot!("responses_over_limit_80x24", desk.draw().text());
    assert!(
        desk.draw().text().contains("4125 / 4096 B with your draft  ⚠ 29 over the limit"),
        "{}",
        desk.draw().text()
    );
}

#[test]
fn attachments_are_listed_and_sent_in_order_after_the_text() {
    let mut desk = opened(80, 24);
    writes(&mut desk, "menu");
    press(&mut desk, "Enter");
    snapshot!("responses_attachments_80x24", desk.draw().text());
    assert!(desk.draw().text().contains("+ 2 attachments: menu.pdf, map.jpg"));
    let sent = calls(desk.key_effects("Enter"));
    let names: Vec<String> = sent
        .iter()
        .filter_map(|(_, request)| match request {
            Request::SendMessage { text, .. } => Some(text.clone()),
            Request::SendFile { file, .. } => Some(file.file.name.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(names, ["Here is our menu.", "menu.pdf", "map.jpg"]);
    snapshot!("responses_sent_80x24", desk.draw().text());
    // The use is reported when the text was accepted, once.
    let (operation, _) = sent.iter().find(|(_, r)| matches!(r, Request::SendMessage { .. })).unwrap().clone();
    let result = Ok(Envelope::ok(1, None, Value::Null));
    let after = calls(desk.effects(What::Reply { operation, result }));
    assert!(
        after
            .iter()
            .any(|(_, r)| matches!(r, Request::ReportResponse { response, .. } if response == "menu"))
    );
}

#[test]
fn an_attachment_can_be_taken_off() {
    let mut desk = opened(80, 24);
    writes(&mut desk, "menu");
    press(&mut desk, "Enter");
    desk.key("Ctrl+U");
    desk.types("/detach menu");
    desk.key("Enter");
    let text = desk.draw().text();
    assert!(text.contains("+ 1 attachment: map.jpg"), "{text}");
    let sent = calls(desk.key_effects("Enter"));
    assert!(
        matches!(sent.as_slice(), [(_, Request::SendFile { file, .. })] if file.file.name == "map.jpg"),
        "{sent:?}"
    );
}

#[test]
fn a_favourite_is_marked_and_the_server_is_told() {
    let mut desk = opened(80, 24);
    desk.types("menu");
    let told = calls(desk.key_effects("Insert"));
    assert!(told.iter().any(
        |(_, r)| matches!(r, Request::SetFavoriteResponse { response, on: true } if response == "menu")
    ));
    assert!(desk.draw().text().contains("★ Our menu"), "{}", desk.draw().text());
    let (operation, _) = told.into_iter().next().unwrap();
    let error = RequestError::Refused { code: 403, message: "not you".into() };
    desk.does(What::Reply { operation, result: Err(error) });
    assert!(!desk.draw().text().contains("★ Our menu"), "a refused one is none");
}

#[test]
fn a_server_without_responses_says_so_and_nothing_hangs() {
    let mut desk = Desk::busy(80, 24, 0);
    for (operation, _) in calls(desk.key_effects("Ctrl+R")) {
        let error = RequestError::Refused { code: 404, message: "there is nothing at this address".into() };
        desk.does(What::Reply { operation, result: Err(error) });
    }
    snapshot!("responses_none_80x24", desk.draw().text());
    desk.key("Enter");
    desk.key("Esc");
    assert!(desk.state.layers.is_empty());
    let mut desk = Desk::busy(80, 24, 0);
    let asked = calls(desk.key_effects("Ctrl+R"));
    let empty = json!({"name": "EventGetRootCategories", "categories": [], "messageType": "UcsMessage",
        "operationId": asked[0].0.as_str()});
    desk.does(What::Event(Event::decode("/workspace/v3/contacts", &empty)));
    assert!(desk.draw().text().contains("there are no standard responses"), "{}", desk.draw().text());
}

#[test]
fn what_cannot_be_filled_is_put_in_as_it_is_and_said() {
    let mut desk = opened(80, 24);
    desk.state.layers.clear();
    let asked = calls(desk.key_effects("Ctrl+R"));
    desk.types("hola");
    let filled = asked.into_iter().find(|(_, r)| matches!(r, Request::RenderResponse { .. }));
    let error = || RequestError::Refused { code: 500, message: "the store is full".into() };
    if let Some((operation, _)) = filled {
        desk.does(What::Reply { operation, result: Err(error()) });
    }
    for (operation, _) in calls(desk.key_effects("Enter")) {
        desk.does(What::Reply { operation, result: Err(error()) });
    }
    let draft = desk.state.session().unwrap().draft.text().to_owned();
    assert!(draft.contains("<$Contact.FirstName$>"), "{draft}");
    assert!(
        desk.draw().text().contains("the field codes are not filled (the store is full)"),
        "{}",
        desk.draw().text()
    );
}
