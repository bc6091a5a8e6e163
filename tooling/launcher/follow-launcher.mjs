/**
 * Preloaded into the server: when the launcher is gone, however it died (its end of the channel closes even after
 * SIGKILL), the server shuts down as after SIGTERM instead of staying behind with the port.
 */
const isClusterWorker = 'NODE_UNIQUE_ID' in process.env;

if (process.channel && !isClusterWorker) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  // The channel alone must not keep a finished server alive.
  process.channel.unref();
}
