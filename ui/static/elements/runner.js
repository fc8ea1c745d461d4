// Views of the chat without `eval`. Chainlit compiles the source of a custom element with `new Function`, which the page's
// policy forbids. The source of ours is one line that names what the scripts of this folder have made already
// (`export default clausewise.NAME`): that line gets it; whatever else is to be compiled meets the policy, as before.
"use strict";
(() => {
  const LINE = /exports\s*\.\s*default\s*=\s*clausewise\.(\w+)\s*;?\s*$/;
  const views = {};
  window.clausewise = { views, React: null, opened: null, asked: false };

  window.Function = new Proxy(Function, {
    construct(target, given, made) {
      const code = String(given.at(-1));
      const named = code.length < 400 && LINE.exec(code);
      if (!named || !Object.hasOwn(views, named[1])) return Reflect.construct(target, given, made);
      const names = given.slice(0, -1);
      return (...values) => {
        const scope = Object.fromEntries(names.map((name, at) => [name, values[at]]));
        window.clausewise.React = scope.React;
        // An element of a view that stays the same function keeps what its reader has typed when Chainlit draws again.
        scope.exports.default = scope.React.createElement(views[named[1]], scope);
      };
    },
  });
})();
