// GitHub's own client in conversation with the twin.
import { Octokit } from '@octokit/rest';

const { API_URL: baseUrl, API_TOKEN: auth, WEAK_TOKEN, MAIN: main, SIDE: side, TAG: tag } = process.env;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const client = new Octokit({ baseUrl, auth, log: quiet });
const place = { owner: 'acme', repo: 'api' };
const seen = {};
const refusal = (error) => [error.status, error.response.data.message];

// Statuses.
const status = { ...place, sha: main, context: 'staging-success' };
seen.pending = (await client.repos.createCommitStatus({ ...status, state: 'pending' })).status;
const made = (await client.repos.createCommitStatus({ ...status, state: 'success', description: 'well', target_url: 'https://example.com/1' })).data;
seen.made = [made.state, made.description, made.target_url, made.creator.login, made.creator.type];
const all = await client.paginate(client.repos.listCommitStatusesForRef, { ...place, ref: main, per_page: 2 });
seen.contexts = all.map((one) => [one.context, one.state]);
const combined = (await client.repos.getCombinedStatusForRef({ ...place, ref: 'heads/main' })).data;
seen.combined = [combined.state, combined.total_count, combined.sha === main, combined.repository.full_name];
seen.unknownCommit = await client.repos.createCommitStatus({ ...status, sha: 'f'.repeat(40), state: 'success' }).catch(refusal);

// Commits.
const commit = (await client.repos.getCommit({ ...place, ref: main })).data;
seen.parents = commit.parents.map((parent) => parent.sha);
const compare = async (base, head) => {
  const told = (await client.repos.compareCommitsWithBasehead({ ...place, basehead: `${base}...${head}` })).data;
  return [told.status, told.ahead_by, told.behind_by, told.commits.length];
};
seen.ahead = await compare(seen.parents[0], 'main');
seen.behind = await compare('main', seen.parents[0]);
seen.diverged = await compare(side, main);
seen.identical = await compare(main, main);
seen.noCommit = await client.repos.getCommit({ ...place, ref: 'f'.repeat(40) }).catch(refusal);

// Refs and tags.
const ref = (await client.git.getRef({ ...place, ref: 'tags/v1.0.0' })).data;
seen.ref = [ref.ref, ref.object.type, ref.object.sha === tag];
const annotated = (await client.git.getTag({ ...place, tag_sha: tag })).data;
seen.annotated = [annotated.tag, annotated.object.type, annotated.object.sha];
seen.noRef = await client.git.getRef({ ...place, ref: 'tags/v1' }).catch(refusal);
seen.matching = (await client.git.listMatchingRefs({ ...place, ref: 'tags/v' })).data.map((one) => one.ref);

// Environments.
seen.environments = (await client.paginate(client.repos.getAllEnvironments, place)).map((one) => one.name);
const environment = (await client.repos.getEnvironment({ ...place, environment_name: 'production' })).data;
seen.rules = environment.protection_rules.map((rule) => rule.type);
seen.reviewer = environment.protection_rules.find((rule) => rule.reviewers).reviewers[0].reviewer.login;
seen.policies = (await client.repos.listDeploymentBranchPolicies({ ...place, environment_name: 'production' })).data.branch_policies.map((policy) => [policy.type, policy.name]);

// Runs.
const workflow = { ...place, workflow_id: 'deploy-prod.yml' };
const begun = await client.actions.createWorkflowDispatch({ ...workflow, ref: 'main', inputs: { mode: 'rollback' }, return_run_details: true });
seen.begun = begun.status;
seen.accepted = (await client.actions.createWorkflowDispatch({ ...workflow, ref: 'main' })).status;
const runs = await client.paginate(client.actions.listWorkflowRuns, { ...workflow, event: 'workflow_dispatch', per_page: 1 });
seen.runs = runs.map((run) => [run.id === begun.data.workflow_run_id, run.status, run.head_sha === main]);
seen.unexpected = await client.actions.createWorkflowDispatch({ ...workflow, ref: 'main', inputs: { other: '1' } }).catch(refusal);

// Permissions.
const weak = new Octokit({ baseUrl, auth: WEAK_TOKEN, log: quiet });
seen.weakReads = (await weak.repos.listCommitStatusesForRef({ ...place, ref: main })).status;
seen.weakWrites = await weak.repos.createCommitStatus({ ...status, state: 'success' }).catch(refusal);
seen.stranger = await new Octokit({ baseUrl, auth: 'ghs_nobody', log: quiet }).repos.getCommit({ ...place, ref: main }).catch(refusal);

console.log(JSON.stringify(seen));
