/**
 * Adds up the JSON reports that the test suites leave behind: `test-reports.mjs clear`, run the tests, then
 * `test-reports.mjs sum [failed step ...]`. The last line is "N passed, N failed", the exit code says whether all is well.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../launcher/child.mjs';
import { workspaces } from '../launcher/workspaces.mjs';

const suites = workspaces()
  .filter(({ manifest }) => manifest.scripts?.test)
  .map(({ manifest, directory }) => ({
    name: manifest.name,
    report: join(root, directory, '.turbo', 'test-report.json'),
  }));

const commands = { clear, sum };
const [command, ...failedSteps] = process.argv.slice(2);
commands[command](failedSteps);

function clear() {
  for (const { report } of suites) rmSync(report, { force: true });
}

function sum(stepsThatFailed) {
  const counts = suites.map(count);
  const passed = total(counts, 'passed');
  const failed = total(counts, 'failed');
  for (const suite of counts) {
    console.log(`${suite.name}: ${suite.passed} passed, ${suite.failed} failed${suite.note ? ` (${suite.note})` : ''}`);
  }
  // The test step fails because tests failed: that is counted already, unless nothing else tells.
  const steps = stepsThatFailed.filter((step) => step !== 'test' || failed === 0);
  if (steps.length > 0) console.log(`Failed steps: ${steps.join(', ')}`);
  if (passed + failed === 0) console.log('No test ran: that is a failure too');
  const allFailed = failed + steps.length;
  process.exitCode = passed > 0 && allFailed === 0 ? 0 : 1;
  console.log(`${passed} passed, ${allFailed} failed`);
}

/** A suite that ended before it could report, and a file that crashed while loading, count as one failure each. */
function count({ name, report }) {
  const content = existsSync(report) ? parse(readFileSync(report, 'utf8')) : undefined;
  if (!content) return { name, passed: 0, failed: 1, note: 'ended without a report' };
  const { numPassedTests: passed, numFailedTests, testResults, success } = content;
  const crashed = testResults.filter(isCrash);
  const failed = numFailedTests + crashed.length;
  if (!success && failed === 0) return { name, passed, failed: 1, note: 'errors outside of tests' };
  return { name, passed, failed, note: crashed.map((file) => `${file.name} did not load`).join(', ') };
}

function isCrash({ status, assertionResults }) {
  return status === 'failed' && !assertionResults.some((result) => result.status === 'failed');
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    // Cut off while it was written: as good as no report.
    return undefined;
  }
}

function total(counts, name) {
  return counts.reduce((all, each) => all + each[name], 0);
}
