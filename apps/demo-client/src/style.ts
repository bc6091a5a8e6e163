export const style = `
:root { color-scheme: light dark; --ink: #1d2330; --soft: #5b6475; --paper: #fbfbfd; --card: #fff; --line: #e3e6ee; --accent: #3457d5; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e7eaf2; --soft: #9aa4b8; --paper: #12151c; --card: #1a1f2a; --line: #2b3242; --accent: #8fa8ff; }
}
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.6 system-ui, sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: clamp(1.5rem, 6vw, 4rem) 1.25rem; }
h1 { font-size: 2.25rem; line-height: 1.1; letter-spacing: -0.02em; margin: 0 0 0.75rem; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 0.75rem; }
.lead { font-size: 1.125rem; color: var(--soft); }
.note { color: var(--soft); font-size: 0.95rem; }
a { color: var(--accent); }
code { font: 0.9em ui-monospace, monospace; }
table { width: 100%; border-collapse: collapse; background: var(--card); border: 1px solid var(--line); }
th, td { text-align: left; padding: 0.6rem clamp(0.5rem, 2vw, 0.9rem); border-bottom: 1px solid var(--line); vertical-align: top; }
td code { white-space: nowrap; }
th { font-size: 0.85rem; color: var(--soft); }
pre { background: var(--card); border: 1px solid var(--line); border-left: 3px solid var(--accent); padding: 1rem; overflow-x: auto; }
`;
