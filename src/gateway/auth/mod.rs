//! Authentication: passwords, tokens, workspace sessions.
//!
//! Owns: access and refresh tokens and the cookies of workspace sessions. All are in memory, so clients sign in again
//! after a restart.
//! Must not: know HTTP beyond the two headers it reads, or decide what a role may do.
//! Invariants: of a token or cookie only the SHA-256 is stored; passwords are checked on the blocking pool, a few at a
//! time; a sign-in of an unknown user takes as long as that of a known one and gets the same reply.

mod throttle;

use crate::domain::EmployeeId;
use crate::domain::role::Role;
use crate::gateway::directory::Directory;
use crate::gateway::secret_hash::SecretHash;
use crate::gateway::writer::api::Actor;
use crate::proto::SESSION_COOKIE;
use crate::proto::session::TokenDto;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, COOKIE};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use thiserror::Error;
use throttle::Throttle;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout};

/// Checks a password against a hash. Slow on purpose.
pub type PasswordVerifier = fn(hash: &str, password: &str) -> bool;

/// Passwords checked at the same time. Each takes a processor and 19 MiB.
const HASHING: usize = 2;
/// How long a sign-in waits for its turn.
const TURN: Duration = Duration::from_secs(10);
/// The least delay of the response to a wrong password.
const WRONG: Duration = Duration::from_millis(250);
/// Tokens and sessions of one person, each. One more replaces the oldest.
const EACH: usize = 64;
/// How long a refresh token lives beyond its access token.
const REFRESH_BEYOND: Duration = Duration::from_secs(24 * 3600);

/// The person who makes a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub actor: Actor,
    pub by: Credential,
}

/// How a caller was identified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// The cookie of a workspace session.
    Session(SecretHash),
    /// An access token.
    Token(SecretHash),
}

impl Caller {
    /// The workspace session, if the request came with its cookie.
    pub const fn session(&self) -> Option<SecretHash> {
        match self.by {
            Credential::Session(key) => Some(key),
            Credential::Token(_) => None,
        }
    }
}

/// Why a sign-in failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SignInRefusal {
    /// Wrong user name or password; the reply does not say which.
    #[error("the user name or the password is wrong")]
    Wrong,
    /// Too many attempts.
    #[error("too many attempts: wait {} s and try again", .0.as_secs() + 1)]
    Wait(Duration),
    /// Too many sign-ins at this moment.
    #[error("too many people sign in at this moment: try again in a few seconds")]
    Busy,
    /// The system gave no random numbers.
    #[error("the system gives no random numbers, so nobody can be signed in")]
    NoRandom,
    /// The refresh token is unknown or has expired.
    #[error("the refresh token is not known any more: sign in again")]
    Expired,
}

#[derive(Debug)]
struct Grant {
    employee: EmployeeId,
    /// When it ends (tokens), or when it was last used (sessions).
    at: Instant,
    /// The access token that a refresh token belongs to.
    partner: Option<SecretHash>,
}

type Grants = HashMap<SecretHash, Grant>;

/// The tokens and sessions of everybody who is signed in.
#[derive(Debug)]
pub struct Auth {
    directory: Arc<Directory>,
    verify: PasswordVerifier,
    hashing: Arc<Semaphore>,
    throttle: Mutex<Throttle>,
    access: Mutex<Grants>,
    refresh: Mutex<Grants>,
    sessions: Mutex<Grants>,
    token_life: Duration,
    session_life: Duration,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// 256 random bits as text.
fn secret() -> Result<String, SignInRefusal> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| SignInRefusal::NoRandom)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn keep(grants: &mut Grants, secret: &str, grant: Grant) {
    let mine = grants.iter().filter(|(_, other)| other.employee == grant.employee);
    if mine.clone().count() >= EACH
        && let Some(oldest) = mine.min_by_key(|(_, other)| other.at).map(|(key, _)| *key)
    {
        grants.remove(&oldest);
    }
    grants.insert(SecretHash::of(secret), grant);
}

impl Auth {
    /// Without tokens or sessions. `session_life` is how long a workspace session lives without any request.
    pub fn new(
        directory: Arc<Directory>,
        verify: PasswordVerifier,
        token_life: Duration,
        session_life: Duration,
    ) -> Self {
        Self {
            directory,
            verify,
            hashing: Arc::new(Semaphore::new(HASHING)),
            throttle: Mutex::default(),
            access: Mutex::default(),
            refresh: Mutex::default(),
            sessions: Mutex::default(),
            token_life,
            session_life,
        }
    }

    /// Signs somebody in by name and password. `tenant\user` counts as `user`.
    ///
    /// # Errors
    /// When the name or password is wrong, or the gateway does not check it now.
    pub async fn sign_in(
        &self,
        user: &str,
        password: String,
        address: IpAddr,
    ) -> Result<TokenDto, SignInRefusal> {
        let user = user.rsplit('\\').next().unwrap_or(user);
        lock(&self.throttle).attempt(user, address, Instant::now()).map_err(SignInRefusal::Wait)?;
        let agent = self.directory.by_user_name(user);
        // For an unknown user another hash is checked, so that it takes as long as for a known one.
        let somebody = agent.or_else(|| self.directory.agents().first());
        let Some(hash) = somebody.map(|agent| self.directory.password_hash(agent)) else {
            return Err(SignInRefusal::Wrong);
        };
        let turn = timeout(TURN, Arc::clone(&self.hashing).acquire_owned()).await;
        let Ok(Ok(permit)) = turn else { return Err(SignInRefusal::Busy) };
        let verify = self.verify;
        let fits = tokio::task::spawn_blocking(move || {
            // Held by the check itself: a client that disconnects does not free its place while the hash is computed.
            let _permit = permit;
            verify(&hash, &password)
        })
        .await
        .unwrap_or(false);
        match agent {
            Some(agent) if fits => {
                lock(&self.throttle).succeeded(user, address);
                self.grant(&agent.employee_id().into())
            }
            _ => {
                tracing::info!(%address, "a sign-in was refused");
                sleep(WRONG).await;
                Err(SignInRefusal::Wrong)
            }
        }
    }

    /// Returns new tokens for a refresh token, which can be used once.
    ///
    /// # Errors
    /// When it is not known.
    pub fn renew(&self, refresh: &str) -> Result<TokenDto, SignInRefusal> {
        let grant =
            lock(&self.refresh).remove(&SecretHash::of(refresh)).filter(|grant| grant.at > Instant::now());
        let grant = grant.ok_or(SignInRefusal::Expired)?;
        if let Some(access) = grant.partner {
            lock(&self.access).remove(&access);
        }
        self.grant(&grant.employee)
    }

    fn grant(&self, employee: &EmployeeId) -> Result<TokenDto, SignInRefusal> {
        let (access, refresh) = (secret()?, secret()?);
        let end = Instant::now() + self.token_life;
        let grant = |at, partner| Grant { employee: employee.clone(), at, partner };
        keep(&mut lock(&self.access), &access, grant(end, None));
        keep(&mut lock(&self.refresh), &refresh, grant(end + REFRESH_BEYOND, Some(SecretHash::of(&access))));
        Ok(TokenDto {
            access_token: access,
            token_type: "bearer".to_owned(),
            expires_in: self.token_life.as_secs(),
            refresh_token: Some(refresh),
            scope: Some("*".to_owned()),
        })
    }

    /// Revokes the caller's access token and its refresh token.
    pub fn sign_out(&self, caller: &Caller) {
        if let Credential::Token(key) = caller.by {
            lock(&self.access).remove(&key);
            lock(&self.refresh).retain(|_, grant| grant.partner != Some(key));
        }
    }

    /// Begins a workspace session and returns the value of its cookie.
    ///
    /// # Errors
    /// When there are no random numbers.
    pub fn begin(&self, employee: &EmployeeId) -> Result<String, SignInRefusal> {
        let cookie = secret()?;
        let grant = Grant { employee: employee.clone(), at: Instant::now(), partner: None };
        keep(&mut lock(&self.sessions), &cookie, grant);
        Ok(cookie)
    }

    /// Ends a workspace session.
    pub fn end(&self, session: &SecretHash) {
        lock(&self.sessions).remove(session);
    }

    /// Identifies the caller by cookie, else by bearer token. Keeps the session alive.
    pub fn caller(&self, headers: &HeaderMap) -> Option<Caller> {
        // A client may send an older cookie beside the new one.
        cookies(headers)
            .find_map(|value| self.known(Credential::Session(SecretHash::of(value))))
            .or_else(|| self.bearer(headers))
    }

    /// Identifies the caller by bearer token.
    pub fn bearer(&self, headers: &HeaderMap) -> Option<Caller> {
        let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        self.known(Credential::Token(SecretHash::of(token.trim())))
    }

    /// The caller with this credential, unless it has expired. Keeps the session alive.
    pub fn known(&self, by: Credential) -> Option<Caller> {
        let now = Instant::now();
        let employee = match by {
            Credential::Session(key) => {
                let mut sessions = lock(&self.sessions);
                let grant =
                    sessions.get_mut(&key).filter(|g| now.duration_since(g.at) < self.session_life)?;
                grant.at = now;
                grant.employee.clone()
            }
            Credential::Token(key) => lock(&self.access).get(&key).filter(|g| g.at > now)?.employee.clone(),
        };
        let role: Role = self.directory.agent(&employee)?.role;
        Some(Caller { actor: Actor { employee, role }, by })
    }

    /// Removes expired tokens and sessions. `served` says whether a session has a connection, which keeps it alive.
    pub fn sweep(&self, served: impl Fn(&SecretHash, &EmployeeId) -> bool) {
        let now = Instant::now();
        for tokens in [&self.access, &self.refresh] {
            lock(tokens).retain(|_, grant| grant.at > now);
        }
        lock(&self.sessions).retain(|key, grant| {
            if served(key, &grant.employee) {
                grant.at = now;
            }
            now.duration_since(grant.at) < self.session_life
        });
    }
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter_map(|(name, value)| (name == SESSION_COOKIE).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::schema::GatewayConfig;

    fn auth() -> Auth {
        let gateway: GatewayConfig =
            toml::from_str("[[agent]]\nuser-name = 'ana'\nemployee-id = '7001'\npassword-hash = 'secret'\n")
                .unwrap();
        let directory = Arc::new(Directory::new(gateway.into(), &toml::Table::new(), |_| Default::default()));
        let verify: PasswordVerifier = |hash, password| hash == password;
        Auth::new(directory, verify, Duration::from_secs(60), Duration::from_secs(120))
    }

    fn headers(name: http::HeaderName, value: &str) -> HeaderMap {
        [(name, value.parse().unwrap())].into_iter().collect()
    }

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[tokio::test(start_paused = true)]
    async fn a_token_expires_and_its_refresh_token_works_once() {
        let auth = auth();
        let token = auth.sign_in("acme\\ana", "secret".into(), HOME).await.unwrap();
        let bearer = headers(AUTHORIZATION, &format!("Bearer {}", token.access_token));
        assert_eq!(auth.caller(&bearer).unwrap().actor.employee.as_str(), "7001");
        tokio::time::advance(Duration::from_secs(61)).await;
        assert_eq!(auth.caller(&bearer), None);
        let refresh = token.refresh_token.unwrap();
        assert!(auth.renew(&refresh).is_ok());
        assert_eq!(auth.renew(&refresh).unwrap_err(), SignInRefusal::Expired);
    }

    #[tokio::test(start_paused = true)]
    async fn an_unknown_user_gets_the_reply_of_a_wrong_password() {
        let auth = auth();
        for (user, password) in [("ana", "wrong"), ("nobody", "secret")] {
            assert_eq!(auth.sign_in(user, password.into(), HOME).await.unwrap_err(), SignInRefusal::Wrong);
        }
        for _ in 0..5 {
            let _ = auth.sign_in("ana", "wrong".into(), HOME).await;
        }
        assert!(matches!(auth.sign_in("ana", "secret".into(), HOME).await, Err(SignInRefusal::Wait(_))));
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_lives_while_it_is_used() {
        let auth = auth();
        let cookie = auth.begin(&"7001".into()).unwrap();
        let sent = headers(COOKIE, &format!("BAYEUX_BROWSER=x; {SESSION_COOKIE}={cookie}"));
        for _ in 0..3 {
            tokio::time::advance(Duration::from_secs(100)).await;
            assert!(auth.caller(&sent).is_some());
        }
        let both = headers(COOKIE, &format!("{SESSION_COOKIE}=old; {SESSION_COOKIE}={cookie}"));
        assert!(auth.caller(&both).is_some());
        tokio::time::advance(Duration::from_secs(119)).await;
        auth.sweep(|_, _| true);
        tokio::time::advance(Duration::from_secs(119)).await;
        let session = auth.caller(&sent).unwrap().session().unwrap();
        auth.end(&session);
        assert_eq!(auth.caller(&sent), None);
    }
}
