/** The one relying party of every measurement; nothing listens at its address. */
export const relyingParty = {
  client_id: 'bench',
  client_secret: 'made-up-for-the-bench',
  redirect_uris: ['http://127.0.0.1:9/callback'],
  token_endpoint_auth_method: 'client_secret_post',
};

export const redirectUri = 'http://127.0.0.1:9/callback';
