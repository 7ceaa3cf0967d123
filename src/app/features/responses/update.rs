//! Standard responses: reading them, filling one for a session, and inserting it into the draft. Nothing here
//! sends a message.

use crate::app::core::drafts::{draft_changed, save_draft, save_files};
use crate::app::core::effect::Effect;
use crate::app::core::layer::Layer;
use crate::app::core::list_feature::ListFeature;
use crate::app::core::notice::Level;
use crate::app::core::requests::{call, online};
use crate::app::core::state::{Awaited, State};
use crate::app::features::responses::{FilledResponse, Folder, LibraryRequest, ListedResponse, Responses};
use crate::domain::response::{Enclosure, FileInfo};
use crate::domain::{InteractionId, OperationId, response};
use crate::proto::request::Request;
use crate::proto::responses::{CategoryDto, ResponseDto, ResponsesEvent};
use crate::text::{Clean, fold};

/// The maximum number of folders to read, so that a wrong or circular answer of a server ends.
const MOST_FOLDERS: usize = 1000;
/// The maximum number of cached filled texts.
const MOST_FILLED: usize = 500;

fn ask(state: &mut State, what: LibraryRequest, out: &mut Vec<Effect>) {
    let request = match &what {
        LibraryRequest::Root => Request::ResponseRoot,
        LibraryRequest::Category(id) => Request::ResponseCategory(id.clone()),
        LibraryRequest::Response(id) => Request::Response(id.clone()),
        LibraryRequest::Render(interaction, response) => {
            Request::RenderResponse { response: response.clone(), interaction: interaction.clone() }
        }
        LibraryRequest::Search(words) => Request::SearchResponses(words.clone()),
        LibraryRequest::Favorites => Request::FavoriteResponses,
        LibraryRequest::Favorite { response, on } => {
            Request::SetFavoriteResponse { response: response.clone(), on: *on }
        }
    };
    let operation = call(state, request, Awaited::Responses(what.clone()), out);
    state.library.asked.insert(operation, what);
}

fn is_asked(state: &State, what: &LibraryRequest) -> bool {
    state.library.asked.values().any(|asked| asked == what)
}

/// Opens the list with a query.
pub(in crate::app) fn open(state: &mut State, words: &str, out: &mut Vec<Effect>) {
    let Some(id) = state.session().map(|session| session.interaction.id.clone()) else {
        state.say(Level::Info, "there is no session to write in");
        return;
    };
    if !online(state) {
        return;
    }
    state.layers.push(Layer::Responses(Box::new(Responses::new(id, words))));
    // The values of the field codes may have changed.
    state.library.filled.clear();
    state.library.unfilled.clear();
    state.library.searched.clear();
    // Earlier requests are not waited for: this one asks for everything.
    state.library.asked.retain(|_, asked| matches!(asked, LibraryRequest::Favorite { .. }));
    state.library.trouble = None;
    ask(state, LibraryRequest::Root, out);
    ask(state, LibraryRequest::Favorites, out);
    show(state, out);
}

/// Shows the known responses in the open list, and requests the missing data of the selected one.
fn show(state: &mut State, out: &mut Vec<Effect>) {
    let options = match state.layers.last() {
        Some(Layer::Responses(list)) => state.by_id(&list.session).map(|session| session.options.clone()),
        _ => return,
    };
    let options = options.unwrap_or_else(|| state.options());
    if let Some(Layer::Responses(list)) = state.layers.last_mut() {
        list.fill(&state.library, &options);
    }
    look(state, out);
}

/// Requests the missing data of the selected response. Only one fill at a time, so that moving through the list
/// does not send a request for each row.
pub(in crate::app) fn look(state: &mut State, out: &mut Vec<Effect>) {
    let Some(Layer::Responses(list)) = state.layers.last() else { return };
    let Some(chosen) = list.chosen().map(str::to_owned) else { return };
    let session = list.session.clone();
    fill(state, session, chosen, out);
}

fn fill(state: &mut State, session: InteractionId, response: String, out: &mut Vec<Effect>) {
    if !state.online() {
        return;
    }
    let Some(entry) = state.library.entry(&response) else { return };
    let (needs_body, has_codes) = match &entry.body {
        None => (true, true),
        Some(body) => (false, body.contains("<$")),
    };
    if needs_body && !is_asked(state, &LibraryRequest::Response(response.clone())) {
        ask(state, LibraryRequest::Response(response.clone()), out);
    }
    let key = (session, response);
    let known = state.library.filled.contains_key(&key) || state.library.unfilled.contains_key(&key);
    let busy = state.library.asked.values().any(|ask| matches!(ask, LibraryRequest::Render(..)));
    if has_codes && !known && !busy {
        ask(state, LibraryRequest::Render(key.0, key.1), out);
    }
}

/// Reacts to a change of the query: if the server has sent names only, it is asked to search too.
pub(in crate::app) fn typed(state: &mut State, out: &mut Vec<Effect>) {
    if let Some(Layer::Responses(list)) = state.layers.last() {
        let words = list.picker.query().text().trim().to_owned();
        let partly = state.library.entries.iter().any(|entry| entry.body.is_none());
        let busy = state.library.asked.values().any(|ask| matches!(ask, LibraryRequest::Search(_)));
        if partly && !busy && words.chars().count() > 1 && !state.library.searched.contains(&words) {
            ask(state, LibraryRequest::Search(words), out);
        }
    }
    look(state, out);
}

/// Reacts to the choice of another part of the list.
pub(in crate::app) fn filtered(state: &mut State, out: &mut Vec<Effect>) {
    show(state, out);
}

/// Marks the selected response as a favourite, or unmarks it.
pub(in crate::app) fn favourite(state: &mut State, out: &mut Vec<Effect>) {
    let Some(Layer::Responses(list)) = state.layers.last() else { return };
    let Some(response) = list.chosen().map(str::to_owned) else { return };
    if !online(state) {
        return;
    }
    let on = !state.library.favorites.contains(&response);
    like(state, &response, on);
    ask(state, LibraryRequest::Favorite { response, on }, out);
    show(state, out);
}

fn like(state: &mut State, response: &str, on: bool) {
    state.library.favorites.retain(|id| id != response);
    if on {
        state.library.favorites.push(response.to_owned());
    }
}

/// Applies an event about responses.
pub(in crate::app) fn apply_event(
    state: &mut State,
    told: ResponsesEvent,
    operation: Option<&str>,
    out: &mut Vec<Effect>,
) {
    let asked = take_request(state, &told, operation);
    match told {
        ResponsesEvent::Root(roots) => {
            state.library.folders.clear();
            state.library.fresh.clear();
            if roots.is_empty() {
                state.library.entries.clear();
            }
            for root in &roots {
                enter(state, root, "", out);
            }
        }
        ResponsesEvent::Category(category) => {
            let folder = state.library.folders.iter().find(|folder| folder.id == category.category_id);
            let Some(path) = folder.map(|folder| folder.path.clone()) else { return };
            for child in &category.children_categories {
                enter(state, child, &path, out);
            }
            for response in &category.children_std_responses {
                learn(state, response, Some(&path));
            }
        }
        ResponsesEvent::Response(response) => learn(state, &response, None),
        ResponsesEvent::Found(found) => {
            if let Some(LibraryRequest::Search(words)) = asked {
                state.library.searched.insert(words);
            }
            for response in &found {
                learn(state, response, None);
            }
        }
        ResponsesEvent::Favorites(liked) => {
            for response in &liked {
                learn(state, response, None);
            }
            state.library.favorites = liked.iter().map(|one| name_of(one).to_owned()).collect();
        }
        ResponsesEvent::Rendered { body, unknown, empty } => {
            if let Some(LibraryRequest::Render(session, response)) = asked {
                if state.library.filled.len() >= MOST_FILLED {
                    state.library.filled.clear();
                }
                let before = state.library.entry(&response).and_then(|entry| entry.body.as_deref());
                let text =
                    before.map_or_else(|| body.clone(), |before| response::with_placeholders(before, &body));
                let filled = FilledResponse { text, unknown, empty };
                state.library.filled.insert((session.clone(), response.clone()), filled);
                inserted(state, &session, &response, out);
            }
        }
    }
    settle(state);
    show(state, out);
}

/// The request that this event answers. For servers that do not name the request, it is the oldest of that
/// kind.
fn take_request(state: &mut State, told: &ResponsesEvent, operation: Option<&str>) -> Option<LibraryRequest> {
    if let Some(operation) = operation {
        return state.library.asked.remove(&OperationId::from(operation));
    }
    let fits = |ask: &LibraryRequest| match (told, ask) {
        (ResponsesEvent::Root(_), LibraryRequest::Root)
        | (ResponsesEvent::Rendered { .. }, LibraryRequest::Render(..))
        | (ResponsesEvent::Found(_), LibraryRequest::Search(_))
        | (ResponsesEvent::Favorites(_), LibraryRequest::Favorites) => true,
        (ResponsesEvent::Category(one), LibraryRequest::Category(id)) => one.category_id == *id,
        (ResponsesEvent::Response(one), LibraryRequest::Response(id)) => name_of(one) == id,
        _ => false,
    };
    let found = state.library.asked.iter().find(|(_, ask)| fits(ask)).map(|(operation, _)| operation.clone());
    found.and_then(|operation| state.library.asked.remove(&operation))
}

/// When the whole library was sent again, removes the responses that were not in it.
fn settle(state: &mut State) {
    let library = &mut state.library;
    if !library.is_reading() && !library.fresh.is_empty() {
        library.entries.retain(|entry| library.fresh.contains(&entry.id));
        library.entries.sort_by(|a, b| (&a.path, a.name.as_str()).cmp(&(&b.path, b.name.as_str())));
    }
}

fn enter(state: &mut State, dto: &CategoryDto, parent: &str, out: &mut Vec<Effect>) {
    let known = state.library.folders.iter().any(|folder| folder.id == dto.category_id);
    if known || dto.category_id.is_empty() || state.library.folders.len() >= MOST_FOLDERS {
        return;
    }
    let path = if parent.is_empty() { dto.name.clone() } else { format!("{parent}/{}", dto.name) };
    let (id, language) = (dto.category_id.clone(), dto.language.clone());
    state.library.folders.push(Folder { id: id.clone(), path, language });
    ask(state, LibraryRequest::Category(id), out);
}

/// Workspace: the name on the wire is `standardResponseId`, not `id`.
fn name_of(dto: &ResponseDto) -> &str {
    if dto.standard_response_id.is_empty() { &dto.id } else { &dto.standard_response_id }
}

/// Stores the data of a response; missing data stays as it was.
fn learn(state: &mut State, dto: &ResponseDto, path: Option<&str>) {
    let id = name_of(dto);
    if id.is_empty() {
        return;
    }
    let library = &mut state.library;
    library.fresh.insert(id.to_owned());
    let place = library.entries.iter().position(|entry| entry.id == id).unwrap_or_else(|| {
        library.entries.push(ListedResponse { id: id.to_owned(), ..ListedResponse::default() });
        library.entries.len() - 1
    });
    let folder = library.folders.iter().find(|folder| folder.id == dto.category_id).map(|f| f.path.clone());
    let Some(entry) = library.entries.get_mut(place) else { return };
    if !dto.name.is_empty() {
        entry.name = Clean::line(&dto.name);
    }
    if let Some(path) = path.map(str::to_owned).or(folder) {
        entry.path = path;
    }
    if !dto.lang.is_empty() {
        dto.lang.clone_into(&mut entry.language);
    }
    if let Some(body) = &dto.body {
        entry.body = Some(body.clone());
        entry.description = Clean::line(&dto.description);
        let file = |file: &crate::proto::responses::FileDto| FileInfo {
            document: file.document_id.clone(),
            name: file.name.clone(),
            mime: file.mime.clone(),
            size: file.size,
        };
        entry.files = dto.attachments.iter().map(file).collect();
    }
}

/// A request about responses was refused, or failed later.
pub(in crate::app) fn failed(state: &mut State, what: &LibraryRequest, words: &str, out: &mut Vec<Effect>) {
    state.library.asked.retain(|_, asked| asked != what);
    match what {
        LibraryRequest::Root => {
            let sentence = Clean::line(&format!("standard responses could not be read: {words}"));
            state.say(Level::Warning, &sentence);
            state.library.trouble = Some(sentence);
        }
        LibraryRequest::Category(_) => {
            state.say(Level::Warning, format!("some standard responses could not be read: {words}"));
        }
        LibraryRequest::Favorite { response, on } => {
            like(state, response, !on);
            state.say(Level::Error, format!("the favourite was not changed: {words}"));
        }
        LibraryRequest::Render(session, response) => {
            let key = (session.clone(), response.clone());
            state.library.unfilled.insert(key, Clean::line(words));
            inserted(state, session, response, out);
        }
        LibraryRequest::Search(words) => {
            state.library.searched.insert(words.clone());
        }
        LibraryRequest::Response(_) | LibraryRequest::Favorites => {}
    }
    settle(state);
    show(state, out);
}

/// Handles a failure that arrived as an event. Returns whether it was about responses.
pub(in crate::app) fn failed_later(
    state: &mut State,
    operation: Option<&OperationId>,
    words: &str,
    out: &mut Vec<Effect>,
) -> bool {
    let Some(what) = operation.and_then(|operation| state.library.asked.remove(operation)) else {
        return false;
    };
    failed(state, &what, words, out);
    true
}

/// The connection is lost: pending requests are sent again when the list is opened again.
pub(in crate::app) fn lost(state: &mut State) {
    state.library.asked.clear();
    state.library.inserting = None;
}

/// Inserts the chosen response, with its codes filled, into the draft at the cursor. It is not sent.
pub(in crate::app) fn choose(
    state: &mut State,
    session: &InteractionId,
    response: &str,
    out: &mut Vec<Effect>,
) {
    let key = (session.clone(), response.to_owned());
    let Some(entry) = state.library.entry(response) else { return };
    let plain = entry.body.as_ref().is_some_and(|body| !body.contains("<$"));
    let again = state.library.inserting.as_ref() == Some(&key);
    let known = state.library.filled.contains_key(&key) || state.library.unfilled.contains_key(&key);
    if plain || known || again {
        state.library.inserting = Some(key);
        return inserted(state, session, response, out);
    }
    if !online(state) {
        return;
    }
    state.library.inserting = Some(key.clone());
    state.say(Level::Info, "the field codes are being filled in; the text comes when they are");
    if !is_asked(state, &LibraryRequest::Render(key.0.clone(), key.1.clone())) {
        ask(state, LibraryRequest::Render(key.0, key.1), out);
    }
}

/// Inserts a response into the draft if it is the one to be inserted.
fn inserted(state: &mut State, session: &InteractionId, response: &str, out: &mut Vec<Effect>) {
    let key = (session.clone(), response.to_owned());
    if state.library.inserting.as_ref() != Some(&key) {
        return;
    }
    state.library.inserting = None;
    let Some(entry) = state.library.entry(response).cloned() else { return };
    let filled = state.library.filled.get(&key).cloned();
    let text = match (&filled, &entry.body) {
        (Some(filled), _) => filled.text.clone(),
        (None, Some(body)) => body.clone(),
        (None, None) => {
            let why = state.library.unfilled.get(&key).cloned().unwrap_or_default();
            state.say(Level::Error, format!("{} could not be read: {why}", entry.name));
            return;
        }
    };
    put(state, session, &entry, &text, out);
    match filled {
        Some(filled) if !filled.unknown.is_empty() => {
            let words = format!("the text contains unknown field codes: {}", filled.unknown.join(", "));
            state.say(Level::Warning, words);
        }
        Some(filled) if !filled.empty.is_empty() => {
            let words =
                format!("there is no value for {}: fill it in before you send", filled.empty.join(", "));
            state.say(Level::Warning, words);
        }
        None if text.contains("<$") => {
            let why = state.library.unfilled.get(&key).cloned().unwrap_or_else(|| "no answer yet".into());
            state.say(Level::Warning, format!("the field codes are not filled ({why}): fill them by hand"));
        }
        _ => {}
    }
}

fn put(state: &mut State, id: &InteractionId, entry: &ListedResponse, text: &str, out: &mut Vec<Effect>) {
    let Some(session) = state.by_id_mut(id) else { return };
    let at_start = session.draft.cursor() == 0;
    session.draft.paste(text);
    // Like pasted text, it is not a command.
    if at_start && session.draft.text().starts_with('/') {
        session.pasted_slash = true;
    }
    if !session.used.contains(&entry.id) {
        session.used.push(entry.id.clone());
    }
    let mut changed = false;
    for file in &entry.files {
        let enclosure = Enclosure { response: entry.id.clone(), file: file.clone() };
        if !session.enclosures.contains(&enclosure) {
            session.enclosures.push(enclosure);
            changed = true;
        }
    }
    if changed {
        save_files(state, id, out);
    }
    if state.shown.as_ref() == Some(id) {
        draft_changed(state, out);
    } else {
        save_draft(state, id, out);
    }
}

/// Removes a file from the draft: the one whose name matches, or the last one.
pub(in crate::app) fn detach(state: &mut State, name: &str, out: &mut Vec<Effect>) {
    let Some(session) = state.session_mut() else {
        state.say(Level::Info, "there is no session");
        return;
    };
    let id = session.interaction.id.clone();
    let wanted = fold::folded(name.trim());
    let fits = |one: &Enclosure| fold::folded(&one.file.name).contains(&wanted);
    let Some(place) = session.enclosures.iter().rposition(fits) else {
        let words = if session.enclosures.is_empty() {
            "the draft has no attachment".to_owned()
        } else {
            format!("no attachment here is called {:?}", name.trim())
        };
        state.say(Level::Info, words);
        return;
    };
    let gone = session.enclosures.remove(place);
    state.say(Level::Info, format!("{} was removed and will not be sent", Clean::line(&gone.file.name)));
    save_files(state, &id, out);
}

/// The server has accepted a message: the responses in it are reported as used.
pub(in crate::app) fn accepted(
    state: &mut State,
    id: &InteractionId,
    operation: &OperationId,
    out: &mut Vec<Effect>,
) {
    let Some(session) = state.by_id_mut(id) else { return };
    let Some(place) = session.reports.iter().position(|(message, _)| message == operation) else { return };
    let (_, responses) = session.reports.remove(place);
    for response in responses {
        let request = Request::ReportResponse { response, interaction: id.clone() };
        call(state, request, Awaited::Silent, out);
    }
}

/// The list of standard responses.
pub(in crate::app) struct ResponsesFeature;

impl ListFeature for ResponsesFeature {
    fn typed(&self, state: &mut State, out: &mut Vec<Effect>) {
        typed(state, out);
    }

    fn part_changed(&self, state: &mut State, out: &mut Vec<Effect>) {
        filtered(state, out);
    }

    fn toggle_favourite(&self, state: &mut State, out: &mut Vec<Effect>) {
        favourite(state, out);
    }

    fn moved(&self, state: &mut State, out: &mut Vec<Effect>) {
        look(state, out);
    }

    fn take(&self, state: &mut State, out: &mut Vec<Effect>) {
        let Some(Layer::Responses(list)) = state.layers.last() else { return };
        let Some(response) = list.chosen().map(str::to_owned) else { return };
        let session = list.session.clone();
        state.layers.pop();
        choose(state, &session, &response, out);
    }
}
