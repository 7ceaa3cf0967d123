//! The templates of the simulated business account, in WhatsApp's format. All of them are fictional.

use serde_json::{Value, json};

/// Templates as `message_templates` lists them: of several languages and kinds, and some that cannot be sent.
pub fn samples() -> Vec<Value> {
    let body = |text: &str, examples: &[&str]| {
        let mut made = json!({"type": "BODY", "text": text});
        if let (Value::Object(map), false) = (&mut made, examples.is_empty()) {
            map.insert("example".to_owned(), json!({"body_text": [examples]}));
        }
        made
    };
    let one = |name: &str, language: &str, category: &str, status: &str, components: Vec<Value>| {
        json!({"id": format!("{name}.{language}"), "name": name, "language": language, "category": category,
            "status": status, "components": components})
    };
    let delivery = |text: &str, track: &str, examples: &[&str]| {
        vec![
            body(text, examples),
            json!({"type": "FOOTER", "text": "Lamplight"}),
            json!({"type": "BUTTONS", "buttons": [{"type": "URL", "text": track,
                "url": "https://lamplight.example/t/{{1}}", "example": ["https://lamplight.example/t/48213"]}]}),
        ]
    };
    let reopen = |text: &str, yes: &str| {
        vec![
            body(text, &["Lucía"]),
            json!({"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": yes}]}),
        ]
    };
    vec![
        one(
            "go_on",
            "en",
            "UTILITY",
            "APPROVED",
            reopen("Hello {{1}}, we have an answer to your question. May we go on here?", "Yes, go on"),
        ),
        one(
            "go_on",
            "es",
            "UTILITY",
            "APPROVED",
            reopen("Hola {{1}}, ya tenemos una respuesta a su consulta. ¿Seguimos por aquí?", "Sí, sigamos"),
        ),
        one(
            "go_on",
            "fr",
            "UTILITY",
            "APPROVED",
            reopen("Bonjour {{1}}, nous avons la réponse à votre question. On continue ici ?", "Oui"),
        ),
        one(
            "delivery_today",
            "en",
            "UTILITY",
            "APPROVED",
            delivery(
                "Hello {{1}}, your order {{2}} comes today between {{3}}.",
                "Track it",
                &["Lucía", "48213", "10 and 12"],
            ),
        ),
        one(
            "delivery_today",
            "es",
            "UTILITY",
            "APPROVED",
            delivery(
                "Hola {{1}}, su pedido {{2}} llega hoy entre las {{3}}.",
                "Seguirlo",
                &["Lucía", "48213", "10 y las 12"],
            ),
        ),
        one(
            "appointment",
            "en",
            "UTILITY",
            "APPROVED",
            vec![
                json!({"type": "HEADER", "format": "TEXT", "text": "Your appointment on {{day}}",
                    "example": {"header_text_named_params": [{"param_name": "day", "example": "Friday"}]}}),
                json!({"type": "BODY", "text": "Dear {{first_name}}, we expect you at {{time}}.",
                    "example": {"body_text_named_params": [{"param_name": "first_name", "example": "Annegret"},
                        {"param_name": "time", "example": "11:30"}]}}),
            ],
        ),
        one(
            "new_lamps",
            "en",
            "MARKETING",
            "APPROVED",
            vec![
                json!({"type": "HEADER", "format": "IMAGE"}),
                body("The new lamps are here, {{1}} ✨", &["Maya"]),
            ],
        ),
        one("winter_sale", "en", "MARKETING", "PAUSED", vec![body("Winter sale: {{1}} off.", &["20 %"])]),
        one("survey", "en", "MARKETING", "REJECTED", vec![body("How did we do?", &[])]),
        one(
            "sign_in_code",
            "en",
            "AUTHENTICATION",
            "APPROVED",
            vec![body("{{1}} is your code.", &["123456"])],
        ),
    ]
}
