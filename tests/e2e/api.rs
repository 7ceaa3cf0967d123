//! An agent without a screen: a plain client of the Workspace API.

use super::rig::PASSWORD;
use reqwest::{Client, Method};
use serde_json::{Value, json};

/// How a request ended.
#[derive(Debug, PartialEq)]
pub enum Answer {
    /// The envelope of a success.
    Done(Value),
    /// The status and the envelope of a refusal.
    Refused(u16, Value),
    /// No answer: whether it was done is unknown.
    Unknown,
}

/// A signed-in agent.
pub struct Agent {
    http: Client,
    url: String,
    cookie: String,
}

impl Agent {
    /// Signs in without joining a channel. `None` when the gateway does not answer.
    pub async fn begin(http: &Client, url: &str, user: &str, password: &str) -> Option<Self> {
        let form = format!("grant_type=password&username={user}&password={password}&client_id=test&scope=*");
        let token = http
            .post(format!("{url}/auth/v3/oauth/token"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        let token: Value = token.send().await.ok()?.json().await.ok()?;
        let begun = http
            .post(format!("{url}/workspace/v3/initialize-workspace"))
            .bearer_auth(token["access_token"].as_str()?)
            .send()
            .await
            .ok()?;
        let cookie = begun.headers().get("set-cookie")?.to_str().ok()?;
        let cookie = cookie.split(';').next()?.to_owned();
        Some(Self { http: http.clone(), url: url.to_owned(), cookie })
    }

    /// Signs in and becomes Ready. `None` when the gateway does not answer.
    pub async fn sign_in(http: &Client, url: &str, user: &str, password: &str) -> Option<Self> {
        let agent = Self::begin(http, url, user, password).await?;
        for path in ["/activate-channels", "/media/whatsappsession/ready"] {
            match agent.post(path, json!({"data": {"agentId": user}})).await {
                Answer::Done(_) => {}
                _ => return None,
            }
        }
        Some(agent)
    }

    pub async fn with_password(http: &Client, url: &str, user: &str) -> Option<Self> {
        Self::sign_in(http, url, user, PASSWORD).await
    }

    async fn ask(&self, method: Method, path: &str, body: String) -> Answer {
        let request = self
            .http
            .request(method, format!("{}/workspace/v3{path}", self.url))
            .header("cookie", &self.cookie)
            .header("content-type", "application/json")
            .body(body);
        let Ok(answer) = request.send().await else { return Answer::Unknown };
        let status = answer.status().as_u16();
        let Ok(body) = answer.json::<Value>().await else { return Answer::Unknown };
        if status == 200 { Answer::Done(body) } else { Answer::Refused(status, body) }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, String::new()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, body.to_string()).await
    }

    /// Acts on a session without naming the operation.
    pub async fn act_unnamed(&self, session: &str, act: &str, data: Value) -> Answer {
        let path = format!("/media/whatsappsession/interactions/{session}/{act}");
        self.post(&path, json!({"data": data})).await
    }

    /// Acts on a session as the named operation.
    pub async fn act(&self, session: &str, act: &str, operation: &str, data: Value) -> Answer {
        let path = format!("/media/whatsappsession/interactions/{session}/{act}");
        self.post(&path, json!({"operationId": operation, "data": data})).await
    }

    /// The state of the channel.
    pub async fn state(&self) -> Option<String> {
        let Answer::Done(body) = self.get("/current-session").await else { return None };
        Some(body["data"]["user"]["activeSession"]["media"]["channels"][0]["state"].as_str()?.to_owned())
    }

    /// Sessions in a state, with the customer's name. `None` when there was no answer.
    pub async fn sessions(&self, state: &str) -> Option<Vec<(String, String)>> {
        let Answer::Done(body) = self.get("/current-session").await else {
            return None;
        };
        let channel = &body["data"]["user"]["activeSession"]["media"]["channels"][0];
        let sessions = channel["interactions"].as_array()?.iter();
        let ours = sessions.filter(|session| session["state"] == state);
        let name = |session: &Value| {
            let pairs = session["userData"].as_array().cloned().unwrap_or_default();
            let pair = pairs.into_iter().find(|pair| pair["key"] == "wa.profile-name");
            pair.and_then(|pair| Some(pair["value"].as_str()?.to_owned())).unwrap_or_default()
        };
        Some(ours.map(|s| (s["id"].as_str().unwrap_or_default().to_owned(), name(s))).collect())
    }
}
