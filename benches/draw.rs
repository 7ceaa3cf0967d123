//! What a frame costs: the same in a session of a hundred messages and of a hundred thousand.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use deskline::app::core::key::Key;
use deskline::app::core::settings::Settings;
use deskline::app::{Msg, State, What, update};
use deskline::domain::Millis;
use deskline::proto::event::Event;
use deskline::proto::media::{ChatDto, InteractionDto, MessageDto, ParticipantDto};
use deskline::ui::{Look, draw};
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

const SIZE: (u16, u16) = (120, 40);

/// A desk with one session of so many messages, customer and agent in turn.
fn desk(messages: u64) -> State {
    let mut state = State::new(Settings::default(), TimeZone::UTC, "b", SIZE, Millis(1_795_356_131_000));
    let interaction = InteractionDto {
        id: "s".into(),
        mediatype: "whatsappsession".into(),
        state: "Processing".into(),
        chat: Some(ChatDto { my_participant_id: Some("me".into()), ..ChatDto::default() }),
        ..InteractionDto::default()
    };
    let event = Event::Interaction {
        interaction: Box::new(interaction),
        notification: "StatusChange".into(),
        operation_id: None,
    };
    happens(&mut state, What::Event(event));
    let messages = (1..=messages)
        .map(|index| {
            let (kind, party) = if index % 2 == 0 { ("Agent", "me") } else { ("Customer", "them") };
            MessageDto {
                index,
                kind: "Text".into(),
                text: Some(format!("message *{index}* says enough words to fill a row or two: ¿me ayudan? https://shop.example/{index}")),
                from: ParticipantDto { kind: kind.into(), participant_id: party.into(), ..ParticipantDto::default() },
                visibility: "All".into(),
                timestamp_seconds: 1_795_000_000 + index as i64,
                ..MessageDto::default()
            }
        })
        .collect();
    happens(
        &mut state,
        What::Event(Event::Messages { interaction_id: "s".into(), messages, operation_id: None }),
    );
    state
}

fn happens(state: &mut State, what: What) {
    drop(update(state, Msg { at: state.now, what }));
}

fn key(state: &mut State, name: &str) {
    if let Ok(key) = Key::parse(name) {
        happens(state, What::Key(key));
    }
}

fn frames(c: &mut Criterion) {
    let look = Look::default();
    let Ok(mut terminal) = Terminal::new(TestBackend::new(SIZE.0, SIZE.1));
    let mut group = c.benchmark_group("draw");
    group.measurement_time(Duration::from_secs(3));
    for messages in [100, 100_000] {
        let mut state = desk(messages);
        group.bench_function(format!("newest of {messages}"), |b| {
            b.iter(|| terminal.draw(|frame| drop(black_box(draw(&state, &look, frame)))).map(|_| ()));
        });
        key(&mut state, "Ctrl+Home");
        for _ in 0..3 {
            key(&mut state, "PageDown");
        }
        group.bench_function(format!("further up in {messages}"), |b| {
            b.iter(|| terminal.draw(|frame| drop(black_box(draw(&state, &look, frame)))).map(|_| ()));
        });
        key(&mut state, "Ctrl+End");
        group.bench_function(format!("page up and down in {messages}"), |b| {
            b.iter(|| {
                key(&mut state, "PageUp");
                key(&mut state, "PageDown");
            });
        });
    }
    group.finish();
}

criterion_group!(benches, frames);
criterion_main!(benches);
